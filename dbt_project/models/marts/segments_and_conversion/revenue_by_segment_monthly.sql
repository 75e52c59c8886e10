{%- set dimensions = ["product_kind", "product_key"] + segment_dimensions() %}
with revenue as (
    select * from {{ ref('fct_revenue') }}
),

users as (
    select * from {{ ref('dim_users') }}
),

clock as (
    select * from {{ ref('int_clock') }}
),

entries as (
    select
        revenue.*,
        {{ month_start('revenue.booked_at') }} as revenue_month,
        case
            when revenue.product_kind = 'subscription' then {{ plan_named('revenue.billing_months') }}
            else 'none'
        end as plan,
        case
            when users.user_id is null then 'unknown'
            when users.referred_by_code is null then 'organic'
            else 'referred'
        end as acquisition
    from revenue
    left join users on revenue.user_id = users.user_id
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
