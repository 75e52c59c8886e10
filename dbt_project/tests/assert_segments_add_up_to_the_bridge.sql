{%- set amounts = [
    "opening_mrr_usd", "new_usd", "reactivation_usd", "expansion_usd", "contraction_usd",
    "churn_usd", "closing_mrr_usd", "opening_customers", "new_customers", "reactivated_customers",
    "churned_customers", "closing_customers"
] -%}
with months as (
    select * from {{ ref('mrr_bridge_monthly') }}
),

segments as (
    select
        movement_month,
        dimension,
        {%- for amount in amounts %}
            sum({{ amount }}) as {{ amount }},
        {%- endfor %}
        sum(switched_usd) as switched_usd,
        sum(switched_customers) as switched_customers
    from {{ ref('mrr_bridge_by_segment_monthly') }}
    group by movement_month, dimension
),

dimensions as (
    select distinct dimension from segments
)

select
    months.movement_month,
    dimensions.dimension
from months
cross join dimensions
left join segments
    on
        months.movement_month = segments.movement_month
        and dimensions.dimension = segments.dimension
where
    not coalesce(
        segments.switched_usd = 0
        and segments.switched_customers = 0
        {%- for amount in amounts %}
            and segments.{{ amount }} = months.{{ amount }}
        {%- endfor %},
        false
    )
