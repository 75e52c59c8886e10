with bridge as (
    select
        movement_date,
        new_customers + reactivated_customers as gained
    from {{ ref('mrr_bridge_daily') }}
),

trials as (
    select
        date,
        converted + direct_payers as gained
    from {{ ref('trial_movements_daily') }}
)

select coalesce(bridge.movement_date, trials.date) as date
from bridge
full outer join trials on bridge.movement_date = trials.date
where coalesce(bridge.gained, 0) <> coalesce(trials.gained, 0)
