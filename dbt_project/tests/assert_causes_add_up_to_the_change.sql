with causes as (
    select
        measure,
        month,
        sum(amount_usd) as amount_usd
    from {{ ref('change_causes_monthly') }}
    group by measure, month
),

bridge as (
    select
        'mrr' as measure,
        movement_month as month,
        closing_mrr_usd - opening_mrr_usd as change_usd
    from {{ ref('mrr_bridge_monthly') }}
),

revenue as (
    select
        'net_revenue' as measure,
        revenue_month as month,
        sum(net_usd) as usd
    from {{ ref('revenue_monthly') }}
    group by revenue_month
    union all
    select
        'proceeds' as measure,
        revenue_month as month,
        sum(proceeds_usd) as usd
    from {{ ref('revenue_monthly') }}
    group by revenue_month
),

revenue_changes as (
    select
        causes.measure,
        causes.month,
        coalesce(revenue.usd, 0) - coalesce(earlier.usd, 0) as change_usd
    from causes
    left join revenue on causes.measure = revenue.measure and causes.month = revenue.month
    left join revenue as earlier
        on
            causes.measure = earlier.measure
            and causes.month = {{ add_months('earlier.month', 1) }}
    where causes.measure <> 'mrr'
),

changes as (
    select * from bridge
    union all
    select * from revenue_changes
)

select
    coalesce(causes.measure, changes.measure) as measure,
    coalesce(causes.month, changes.month) as month,
    causes.amount_usd,
    changes.change_usd
from causes
full join changes on causes.measure = changes.measure and causes.month = changes.month
where coalesce(causes.amount_usd, 0) <> coalesce(changes.change_usd, 0)
