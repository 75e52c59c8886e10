{#
    CTE bodies that end in `source`: each row of an operational table in the last version known,
    rows deleted at the source included, and source_deleted_at, null of those that still stand.

    A deleted row is its newest tombstone (which repeats the values seen last), unless the key came
    back: past.* is read for its tombstones only, never sorted by version. `_loaded_at` of a deleted
    row is the time of the extraction that missed it.
#}
{% macro last_known(table, key="id") -%}
standing as (
    select * from {{ source('raw', table) }}
),

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
    anti join standing on tombstones.{{ key }} = standing.{{ key }}
    where tombstones._place = 1
),

source as (
    select
        * exclude (_xmin, _is_update),
        cast(null as timestamp) as source_deleted_at
    from standing
    union all by name
    select * from deleted
)
{%- endmacro %}
