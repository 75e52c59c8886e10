{#
    A CTE body `closed_mentions`: whom a row named before that account was closed, since the source
    then empties the mention (on delete set null). One row per key, from the newest version that
    named somebody; only where that user's profile is gone.
#}
{% macro closed_mentions(table, column) -%}
closed as (
    select distinct user_id from {{ source('past', 'user_profile') }}
    where _op = 'delete'
),

named as (
    select
        id,
        {{ value_at_greatest(column, '_seen_at') }} as {{ column }}
    from {{ source('past', table) }}
    where {{ column }} is not null
    group by id
),

closed_mentions as (
    select
        named.id,
        coalesce(rekeyed.user_id, named.{{ column }}) as {{ column }}
    from named
    inner join closed on named.{{ column }} = closed.user_id
    left join {{ ref('stg_rekeyed_users') }} as rekeyed on closed.user_id = rekeyed.old_user_id
)
{%- endmacro %}
