{%- set dimensions = ["product_kind", "product_key"] + segment_dimensions() %}
with revenue as (
    select * from {{ ref('fct_revenue') }}
),

clock as (
    select * from {{ ref('int_clock') }}
),

entries as (
    select
        revenue.*,
        {{ month_start('revenue.booked_at') }} as revenue_month,
        {{ plan_of_sale('revenue.product_kind', 'revenue.billing_months') }} as plan
    from revenue
),

segmented as (
    {% for dimension in dimensions %}
        select
            entries.*,
            '{{ dimension }}' as dimension,
            entries.{{ dimension }} as segment
        from entries
        {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

summed as (
    select
        revenue_month,
        dimension,
        segment,
        {{ revenue_measures() }}
    from segmented
    group by revenue_month, dimension, segment
),

final as (
    select
        summed.revenue_month,
        summed.dimension,
        summed.segment,
        {{ typed_revenue_measures() }},
        {{ is_complete('summed.revenue_month', 'month') }} as is_complete
    from summed
    cross join clock
)

select * from final
