with clock as (
    select * from {{ ref('int_clock') }}
),

movements as (
    select
        *,
        {{ month_start('movement_date') }} as movement_month
    from {{ ref('mrr_segment_movements') }}
),

churned_of_opening as (
    select * from {{ ref('int_mrr_segment_churns') }}
),

flows as (
    select
        movement_month,
        dimension,
        segment,
        {{ movement_sums() }},
        sum(switched_usd) as switched_usd,
        sum(
            case
                when movement_type in ('new', 'reactivation', 'churn') then 0
                else customers_delta
            end
        ) as switched_customers,
        sum(mrr_delta_usd + switched_usd) as net_usd,
        sum(customers_delta) as net_customers
    from movements
    group by movement_month, dimension, segment
),

segments as (
    select
        dimension,
        segment,
        min(movement_month) as first_month
    from flows
    group by dimension, segment
),

calendar as (
    select
        segments.dimension,
        segments.segment,
        {{ months_through('segments.first_month', 'clock.as_of_month') }} as movement_month
    from segments
    cross join clock
),

filled as (
    select
        calendar.movement_month,
        calendar.dimension,
        calendar.segment,
        {%- for name in [
            "new_usd", "reactivation_usd", "expansion_usd", "contraction_usd", "churn_usd",
            "switched_usd", "new_customers", "reactivated_customers", "churned_customers",
            "switched_customers", "net_usd", "net_customers"
        ] %}
            coalesce(flows.{{ name }}, 0) as {{ name }},
        {%- endfor %}
        coalesce(churned_of_opening.customers, 0) as churned_of_opening
    from calendar
    left join flows
        on
            calendar.movement_month = flows.movement_month
            and calendar.dimension = flows.dimension
            and calendar.segment = flows.segment
    left join churned_of_opening
        on
            calendar.movement_month = churned_of_opening.movement_month
            and calendar.dimension = churned_of_opening.dimension
            and calendar.segment = churned_of_opening.segment
),

balanced as (
    select
        *,
        sum(net_usd) over so_far as closing_mrr_usd,
        sum(net_customers) over so_far as closing_customers
    from filled
    window
        so_far as (
            partition by dimension, segment
            order by movement_month
            rows between unbounded preceding and current row
        )
),

final as (
    select
        balanced.movement_month,
        balanced.dimension,
        balanced.segment,
        cast(balanced.closing_mrr_usd - balanced.net_usd as decimal(18, 4)) as opening_mrr_usd,
        {%- for name in [
            "new_usd", "reactivation_usd", "expansion_usd", "contraction_usd", "churn_usd",
            "switched_usd", "closing_mrr_usd"
        ] %}
            cast(balanced.{{ name }} as decimal(18, 4)) as {{ name }},
        {%- endfor %}
        cast(balanced.closing_customers - balanced.net_customers as bigint) as opening_customers,
        {%- for name in [
            "new_customers", "reactivated_customers", "churned_customers", "switched_customers",
            "closing_customers"
        ] %}
            cast(balanced.{{ name }} as bigint) as {{ name }},
        {%- endfor %}
        {{ ratio(
            'balanced.churned_of_opening', 'balanced.closing_customers - balanced.net_customers'
        ) }} as customer_churn_rate,
        {{ is_complete('balanced.movement_month', 'month', waits_for_grace=true) }} as is_complete
    from balanced
    cross join clock
    order by balanced.movement_month, balanced.dimension, balanced.segment
)

select * from final
