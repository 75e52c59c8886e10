with clock as (
    select * from {{ ref('int_clock') }}
),

movements as (
    select * from {{ ref('fct_mrr_movements') }}
),

span as (
    select min(movement_date) as first_date
    from movements
    having count(*) > 0
),

days as (
    select
        {{ days_through('span.first_date', 'clock.as_of_date') }} as movement_date
    from span
    cross join clock
),

flows as (
    select
        movement_date,
        {{ movement_sums() }}
    from movements
    group by movement_date
),

filled as (
    select
        days.movement_date,
        coalesce(flows.new_usd, 0) as new_usd,
        coalesce(flows.reactivation_usd, 0) as reactivation_usd,
        coalesce(flows.expansion_usd, 0) as expansion_usd,
        coalesce(flows.contraction_usd, 0) as contraction_usd,
        coalesce(flows.churn_usd, 0) as churn_usd,
        coalesce(flows.new_customers, 0) as new_customers,
        coalesce(flows.reactivated_customers, 0) as reactivated_customers,
        coalesce(flows.churned_customers, 0) as churned_customers,
        {{ is_complete('days.movement_date', 'day', waits_for_grace=true) }} as is_complete
    from days
    cross join clock
    left join flows on days.movement_date = flows.movement_date
),

netted as (
    select
        *,
        new_usd + reactivation_usd + expansion_usd + contraction_usd + churn_usd as net_usd,
        new_customers + reactivated_customers - churned_customers as net_customers
    from filled
),

balanced as (
    select
        *,
        sum(net_usd) over so_far as closing_mrr_usd,
        sum(net_customers) over so_far as closing_customers
    from netted
    window so_far as (order by movement_date rows between unbounded preceding and current row)
),

final as (
    select
        movement_date,
        cast(closing_mrr_usd - net_usd as decimal(18, 4)) as opening_mrr_usd,
        cast(new_usd as decimal(18, 4)) as new_usd,
        cast(reactivation_usd as decimal(18, 4)) as reactivation_usd,
        cast(expansion_usd as decimal(18, 4)) as expansion_usd,
        cast(contraction_usd as decimal(18, 4)) as contraction_usd,
        cast(churn_usd as decimal(18, 4)) as churn_usd,
        cast(closing_mrr_usd as decimal(18, 4)) as closing_mrr_usd,
        cast(closing_customers - net_customers as bigint) as opening_customers,
        cast(new_customers as bigint) as new_customers,
        cast(reactivated_customers as bigint) as reactivated_customers,
        cast(churned_customers as bigint) as churned_customers,
        cast(closing_customers as bigint) as closing_customers,
        is_complete
    from balanced
    order by movement_date
)

select * from final
