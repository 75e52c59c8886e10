{#
    A data test's rows: those of a mart with a balance that does not open with what the row before left, 0 at the
    first, or that do not follow it by one `step`, day or month. `balances`: the opening columns, each with the
    closing one; `of`: the columns within which rows follow each other; `also`: what else a row must not be.
#}
{% macro rows_out_of_line(mart, by, step, balances, of=[], also=none) -%}
select
    {{ ([by] + of) | join(",\n    ") }}
from (
    select
        *,
        lag({{ by }}) over steps as previous_step
        {%- for opening, closing in balances.items() %},
        coalesce(lag({{ closing }}) over steps, 0) as previous_{{ opening }}
        {%- endfor %}
    from {{ mart }}
    window steps as ({% if of %}partition by {{ of | join(", ") }} {% endif %}order by {{ by }})
) as rows_in_line
where
    {{ by }} <> {{ add_days("previous_step", 1) if step == "day" else add_months("previous_step", 1) }}
    {%- for opening in balances %}
    or {{ opening }} <> previous_{{ opening }}
    {%- endfor %}
    {%- if also %}
    or {{ also }}
    {%- endif %}
{%- endmacro %}
