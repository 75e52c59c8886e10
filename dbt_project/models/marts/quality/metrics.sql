{%- set columns = [
    "metric", "description", "formula", "mart", "unit", "dimensions", "needs", "final_when"
] %}
with told as (
    {%- if execute %}
        {%- for metric in project_metrics() %}
            select
                {%- for column in columns %}
                    {{ text_literal(metric[column]) }} as {{ column }},
                {%- endfor %}
                {{ metric.is_additive | lower }} as is_additive
            {{ "union all" if not loop.last }}
        {%- endfor %}
    {%- else %}
        select
            {%- for column in columns %}
                '' as {{ column }},
            {%- endfor %}
            true as is_additive
    {%- endif %}
),

final as (
    select
        metric,
        description,
        formula,
        mart,
        unit,
        is_additive,
        dimensions,
        needs,
        final_when
    from told
    order by metric
)

select * from final
