{#
    CTE bodies for rows that go by a code: `keyed` gives each row its code_key, which codes equal but for case
    share and which is the row's id where it has no code; `ranked` its place among those of its key, the oldest
    first. The row in place 1 is the canonical one: its spelling and terms are those of the code.
#}
{% macro ranked_by_code(rows, code, id) -%}
keyed as (
    select
        *,
        coalesce(lower({{ code }}), cast({{ id }} as {{ type_text() }})) as code_key
    from {{ rows }}
),

ranked as (
    select
        *,
        row_number() over (partition by code_key order by created_at, {{ id }}) as place
    from keyed
)
{%- endmacro %}
