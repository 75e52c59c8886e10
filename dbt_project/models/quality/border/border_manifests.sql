with contents as (
    select
        id,
        content,
        {{ lowered('checksum') }} as checksum,
        json_valid(content) as is_json
    from {{ source('raw', 'master_manifests') }}
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
        when
            json_type(content) = 'OBJECT'
            and len(json_keys(content)) > len(list_distinct(json_keys(content)))
            then 'a key repeats'
        else 'sound'
    end as content
from contents
