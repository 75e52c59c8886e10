-- name: client_logs
-- What phones report, by their own clocks.
select
    'app_logs' as source_table,
    id as source_id,
    user_id,
    coalesce(nullif(lower(trim(log_type)), ''), 'absent') as log_type,
    if(
        created_at > _loaded_at + to_minutes(getvariable('clock_ahead_minutes')), 'ahead', 'right'
    ) as clock
from raw.app_logs

-- name: server_logs
-- What edge functions report.
select
    'server_logs' as source_table,
    id as source_id,
    user_id,
    coalesce(nullif(lower(trim(level)), ''), 'absent') as level
from raw.server_logs

-- name: plays
-- Play counters.
select 'audio_usage' as source_table, id as source_id, user_id, no_of_plays
from raw.audio_usage

-- name: custom_courses
-- Made-to-order courses; their documents stay at home, their digests do not.
select
    'custom_courses' as source_table,
    id as source_id,
    user_id,
    case
        when not coalesce(regexp_full_match(lower(trim(checksum)), '[0-9a-f]{32}'), false)
            then 'malformed'
        when document_fault = 'of another content' then document_fault
        else 'right'
    end as checksum,
    if(document_fault in ('no object', 'a key repeats'), document_fault, 'sound') as document
from raw.custom_courses

-- name: manifests
-- Files that the app downloads, and whether they are what they say.
with contents as (
    select
        id, content, lower(trim(checksum)) as checksum, json_valid(content) as is_json
    from raw.master_manifests
)

select
    'master_manifests' as source_table,
    id as source_id,
    cast(null as uuid) as user_id,
    case
        when not coalesce(regexp_full_match(checksum, '[0-9a-f]{32}'), false) then 'malformed'
        when checksum <> md5(content) then 'of another content'
        else 'right'
    end as checksum,
    case
        when not is_json then 'no JSON'
        when json_type(content) not in ('OBJECT', 'ARRAY') then 'neither object nor list'
        when json_type(content) = 'OBJECT'
            and len(json_keys(content)) > len(list_distinct(json_keys(content)))
            then 'a key repeats'
        else 'sound'
    end as content
from contents

-- name: courses
-- The catalogue's documents.
select
    'courses' as source_table,
    id as source_id,
    cast(null as uuid) as user_id,
    if(
        coalesce(json_type(try_cast(audio as json)) in ('ARRAY', 'OBJECT', 'NULL'), audio is null)
        and coalesce(
            json_type(try_cast(workbooks as json)) in ('ARRAY', 'OBJECT', 'NULL'), workbooks is null
        ),
        'sound',
        'neither object nor list'
    ) as documents
from raw.courses
