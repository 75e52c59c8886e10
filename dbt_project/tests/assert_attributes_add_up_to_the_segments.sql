{%- set amounts = [
    "opening_mrr_usd", "new_usd", "reactivation_usd", "expansion_usd", "contraction_usd",
    "churn_usd", "switched_usd", "closing_mrr_usd", "opening_customers", "new_customers",
    "reactivated_customers", "churned_customers", "switched_customers", "closing_customers"
] -%}
with attributes as (
    {% for name in segment_dimensions() -%}
        select
            '{{ name }}' as dimension,
            {{ name }} as segment,
            {%- for amount in amounts %}
                sum({{ amount }}) as {{ amount }},
            {%- endfor %}
            movement_month
        from {{ ref('mrr_bridge_by_attributes_monthly') }}
        group by movement_month, {{ name }}
        {{ "union all" if not loop.last }}
    {% endfor -%}
),

segments as (
    select * from {{ ref('mrr_bridge_by_segment_monthly') }}
)

select
    coalesce(segments.movement_month, attributes.movement_month) as movement_month,
    coalesce(segments.dimension, attributes.dimension) as dimension,
    coalesce(segments.segment, attributes.segment) as segment
from segments
full outer join attributes
    on
        segments.movement_month = attributes.movement_month
        and segments.dimension = attributes.dimension
        and segments.segment = attributes.segment
where
    {%- for amount in amounts %}
        {{ "or " if not loop.first }}coalesce(segments.{{ amount }}, 0)
        <> coalesce(attributes.{{ amount }}, 0)
    {%- endfor %}
