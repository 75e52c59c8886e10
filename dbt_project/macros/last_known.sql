{#
    CTE bodies that end in `source`: each row of an operational table in the last version known,
    rows deleted at the source included, and source_deleted_at, null of those that still stand.
    `people`: its columns that name a user; an id that a profile left reads as the present one.

    A deleted row is its newest tombstone (which repeats the values seen last), unless the key came
    back: past.* is read for its tombstones only, never sorted by version. `_loaded_at` of a deleted
    row is the time of the extraction that missed it.
#}
{% macro last_known(table, key="id", people=[]) -%}
tombstones as (
    select
        *,
        row_number() over (partition by {{ key }} order by _seen_at desc nulls last) as _place
    from {{ source('past', table) }}
    where _op = 'delete'
),

known as (
    select
        {{ extracted(table, "raw") }}
        raw._unreadable,
        raw._loaded_at,
        cast(null as timestamp) as source_deleted_at
    from {{ source('raw', table) }} as raw
    union all
    select
        {{ extracted(table, "tombstones") }}
        tombstones._unreadable,
        tombstones._seen_at as _loaded_at,
        tombstones._seen_at as source_deleted_at
    from tombstones
    left join {{ source('raw', table) }} as standing on tombstones.{{ key }} = standing.{{ key }}
    where tombstones._place = 1 and standing.{{ key }} is null
),

{{ of_present_ids("source", "known", table, ["_unreadable", "_loaded_at", "source_deleted_at"], people) }}
{%- endmacro %}

{# Of a user's rows of last_known the one that counts comes first: what stands, then what was seen and changed last. #}
{% macro last_known_first(key) -%}
    source_deleted_at desc nulls first, _loaded_at desc nulls last, updated_at desc nulls last, {{ key }} asc
{%- endmacro %}

{#
    CTE bodies that end in `history`: every version of a table's rows that an extraction saw. That rows
    go which carried an id that the profile left is nothing that happened to the person. A row that
    passes to another person is gone for the first, by a tombstone with `_is_passed_on`, and the other
    had it no earlier than an extraction that saw it with the first: an updated_at of before then is the
    first one's, and null. `passes_on`: whether its user is more than its key.
#}
{% macro versions_seen(table, passes_on=true) -%}
{%- set ours = ["_op", "_seen_at"] -%}
versions_kept as (
    select versions.*
    from {{ source('history', table) }} as versions
    left join {{ ref('stg_rekeyed_users') }} as rekeyed
        on versions.user_id = rekeyed.old_user_id
    where rekeyed.old_user_id is null or versions._op <> 'delete'
),

{% if not passes_on -%}
{{ of_present_ids("history", "versions_kept", table, ours, ["user_id"]) }}
{%- else -%}
{{ of_present_ids("versions_of_people", "versions_kept", table, ours, ["user_id"]) }},

rows_passed_on as (
    select id
    from versions_of_people
    group by id
    having count(distinct user_id) > 1
),

versions_followed as (
    select
        versions_of_people.*,
        lag(versions_of_people.user_id) over by_row as previous_user_id,
        lag(versions_of_people._seen_at) over by_row as previous_seen_at,
        lead(versions_of_people.user_id) over by_row as next_user_id,
        lead(versions_of_people._seen_at) over by_row as next_seen_at
    from versions_of_people
    inner join rows_passed_on on versions_of_people.id = rows_passed_on.id
    window by_row as (partition by versions_of_people.id order by versions_of_people._seen_at)
),

versions_received as (
    select
        id,
        _seen_at
    from versions_followed
    where user_id <> previous_user_id and updated_at <= previous_seen_at
),

history as (
    select
        {{ extracted(table, "versions_of_people", untimed="versions_received.id is not null") }}
        versions_of_people._op,
        versions_of_people._seen_at,
        false as _is_passed_on
    from versions_of_people
    left join versions_received
        on
            versions_of_people.id = versions_received.id
            and versions_of_people._seen_at = versions_received._seen_at
    union all
    select
        {{ extracted(table, "versions_followed") }}
        'delete' as _op,
        versions_followed.next_seen_at as _seen_at,
        true as _is_passed_on
    from versions_followed
    where versions_followed._op <> 'delete' and versions_followed.user_id <> versions_followed.next_user_id
)
{%- endif %}
{%- endmacro %}

{#
    A CTE body: the extracted columns of a table and some of ours, of the rows of another one, with the ids
    that profiles left replaced by the present ones.
#}
{% macro of_present_ids(name, rows, table, ours, people) -%}
{{ name }} as (
    select
        {{ extracted(table, rows, people) }}
        {%- for column in ours %}
        {{ rows }}.{{ column }}{{ "," if not loop.last }}
        {%- endfor %}
    from {{ rows }}
    {%- for column in people %}
    left join {{ ref('stg_rekeyed_users') }} as rekeyed_{{ column }}
        on {{ rows }}.{{ column }} = rekeyed_{{ column }}.old_user_id
    {%- endfor %}
)
{%- endmacro %}

{# The extracted columns of a table, each with a comma; dbt knows of them once it runs. `untimed`: where updated_at is null. #}
{% macro extracted(table, rows, people=[], untimed=none) -%}
    {%- for column in (graph.sources["source.hypnomart.raw." ~ table].columns if execute else []) %}
        {%- if column in people %}
        coalesce(rekeyed_{{ column }}.user_id, {{ rows }}.{{ column }}) as {{ column }},
        {%- elif untimed and column == "updated_at" %}
        case when not ({{ untimed }}) then {{ rows }}.updated_at end as updated_at,
        {%- else %}
        {{ rows }}.{{ column }},
        {%- endif %}
    {%- endfor %}
{%- endmacro %}
