-- By month the causes are exactly the bridge's change of MRR and the change of net revenue.
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
        revenue_month as month,
        sum(net_usd) as net_usd
    from {{ ref('revenue_monthly') }}
    group by revenue_month
),

revenue_changes as (
    select
        'net_revenue' as measure,
        causes.month,
        coalesce(revenue.net_usd, 0) - coalesce(earlier.net_usd, 0) as change_usd
    from causes
    left join revenue on causes.month = revenue.month
    left join revenue as earlier
        on causes.month = {{ add_months('earlier.month', 1) }}
    where causes.measure = 'net_revenue'
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
