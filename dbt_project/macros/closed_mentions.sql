{#
    A CTE body `closed_mentions`: whom a row named before that account was closed, since the source
    then empties the mention (on delete set null). One row per key, from the newest version that
    named somebody; only where that user's profile is gone.
#}
{% macro closed_mentions(table, column) -%}
closed_mentions as (
    select
        versions.id,
        max_by(versions.{{ column }}, versions._seen_at) as {{ column }}
    from {{ source('past', table) }} as versions
    where versions.{{ column }} is not null
    group by versions.id
    having
        max_by(versions.{{ column }}, versions._seen_at) in (
            select closed.user_id from {{ source('past', 'user_profile') }} as closed
            where closed._op = 'delete'
        )
)
{%- endmacro %}
