with ordered as (
    select
        *,
        lag(ended_by) over previous as previous_ended_by,
        lag(product_key) over previous as previous_product_key,
        lag(store) over previous as previous_store,
        lag(period_end_at) over previous as previous_end_at
    from {{ ref('fct_subscription_periods') }}
    window previous as (partition by user_id order by period_start_at, period_id)
)

select
    'subscription_events' as source_table,
    source_event_id as source_id,
    user_id,
    if(
        ended_by = 'replaced' and opened_at > effective_end_at,
        concat(
            'An older subscription was charged on after a newer one had replaced it:',
            ' paid twice for a time'
        ),
        concat(
            'Begins while a period of the same plan, or of another store, still runs:',
            ' paid twice for a time'
        )
    ) as explanation,
    price_usd as money_at_stake_usd
from ordered
where
    (
        previous_ended_by = 'replaced'
        and period_start_at < previous_end_at
        and (product_key = previous_product_key or store <> previous_store)
    )
    -- the renewal of an older purchase, told after a newer one had replaced it
    or (ended_by = 'replaced' and opened_at > effective_end_at)
