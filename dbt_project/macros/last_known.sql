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
        row_number() over (partition by {{ key }} order by _seen_at desc) as _place
    from {{ source('past', table) }}
    where _op = 'delete'
),

deleted as (
    select
        tombstones.* exclude (_place, _op, _seen_at),
        tombstones._seen_at as _loaded_at,
        tombstones._seen_at as source_deleted_at
    from tombstones
    anti join {{ source('raw', table) }} as standing on tombstones.{{ key }} = standing.{{ key }}
    where tombstones._place = 1
),

known as (
    select
        * exclude (_xmin, _is_update),
        cast(null as timestamp) as source_deleted_at
    from {{ source('raw', table) }}
    union all by name
    select * from deleted
),

{{ of_present_ids("source", "known", people) }}
{%- endmacro %}

{#
    CTE bodies that end in `history`: every version of a table's rows that an extraction saw. That rows
    go which carried an id that the profile left is nothing that happened to the person.
#}
{% macro versions_seen(table) -%}
versions_kept as (
    select versions.*
    from {{ source('history', table) }} as versions
    left join {{ ref('stg_rekeyed_users') }} as rekeyed
        on versions.user_id = rekeyed.old_user_id
    where rekeyed.old_user_id is null or versions._op <> 'delete'
),

{{ of_present_ids("history", "versions_kept", ["user_id"]) }}
{%- endmacro %}

{# A CTE body: the rows of another one, with the ids that profiles left replaced by the present ones. #}
{% macro of_present_ids(name, rows, people) -%}
{{ name }} as (
    select {{ rows }}.*
    {%- if people %} replace (
    {%- for column in people %}
        coalesce(rekeyed_{{ column }}.user_id, {{ rows }}.{{ column }}) as {{ column }}
        {{- "," if not loop.last }}
    {%- endfor %}
    )
    {%- endif %}
    from {{ rows }}
    {%- for column in people %}
    left join {{ ref('stg_rekeyed_users') }} as rekeyed_{{ column }}
        on {{ rows }}.{{ column }} = rekeyed_{{ column }}.old_user_id
    {%- endfor %}
)
{%- endmacro %}
