with states as (
    select
        date as movement_date,
        sum(mrr_usd) as mrr_usd,
        sum(case when state <> 'trial' then customers else 0 end) as customers
    from {{ ref('subscription_states_daily') }}
    group by date
)

select bridge.movement_date
from {{ ref('mrr_bridge_daily') }} as bridge
left join states on bridge.movement_date = states.movement_date
where
    states.mrr_usd is distinct from bridge.closing_mrr_usd
    or states.customers is distinct from bridge.closing_customers
