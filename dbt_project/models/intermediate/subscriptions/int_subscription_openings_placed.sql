-- One row per event that opens a period, in each user's order, with the purchase that it belongs
-- to. A created event begins a purchase. A renewal belongs to the purchase that it names: by the
-- base of its order number; without a base, by store, plan and the end that its own end follows; if
-- it names none that is known, to the one that runs.
with lasting as (
    select * from {{ ref('int_subscription_openings_described') }}
),

told_late as (
    select * from {{ ref('int_subscription_openings_told_late') }}
),

-- Offers that are ever given away. How long such a phase was, nobody says.
free_offers as (
    select distinct
        product_key,
        offer_id
    from {{ ref('int_price_book') }}
    where price_usd = 0
),

begun as (
    select
        lasting.*,
        told_late.subscription_event_id is not null as is_told_late,
        case
            when told_late.subscription_event_id is null then lasting.created_at
            when free_offers.offer_id is not null then lasting.expires_at
            else {{ add_months('lasting.expires_at', '-lasting.term_months') }}
        end as begins_at
    from lasting
    left join told_late on lasting.subscription_event_id = told_late.subscription_event_id
    left join free_offers
        on
            lasting.product_key = free_offers.product_key
            and lasting.offer_id = free_offers.offer_id
),

numbered as (
    select
        *,
        row_number() over user_events as opening_number,
        sum(case when event_type = 'created' then 1 else 0 end) over (
            partition by user_id
            order by begins_at, event_type, expires_at, subscription_event_id
            rows between unbounded preceding and current row
        ) as running_purchase
    from begun
    window user_events as (
        partition by user_id order by begins_at, event_type, expires_at, subscription_event_id
    )
),

-- The purchase that first or, by a created event, last used the order number's base.
based as (
    select
        *,
        coalesce(
            {{ last_known_value(
                "case when event_type = 'created' then running_purchase end", 'base_events'
            ) }},
            first_value(running_purchase) over base_events
        ) as base_purchase,
        min(running_purchase) over (partition by user_id, store, product_key) as first_purchase
    from numbered
    window base_events as (
        partition by user_id, store, order_base
        order by opening_number
        rows between unbounded preceding and current row
    )
),

-- Of a renewal without a base: the period of the same store and plan with the latest end before its
-- own, if that can still be continued.
followed as (
    select
        renewals.user_id,
        renewals.opening_number,
        earlier.running_purchase,
        row_number() over (
            partition by renewals.user_id, renewals.opening_number
            order by earlier.expires_at desc nulls last, earlier.opening_number desc nulls last
        ) as choice
    from based as renewals
    inner join based as earlier
        on
            renewals.user_id = earlier.user_id
            and renewals.store = earlier.store
            and renewals.product_key = earlier.product_key
    where
        renewals.event_type = 'renewed'
        and renewals.order_base is null
        and renewals.running_purchase > renewals.first_purchase
        and earlier.opening_number < renewals.opening_number
        and earlier.expires_at < renewals.expires_at
        and not {{ renewal_opens_chain('renewals', 'earlier.expires_at') }}
),

chosen as (
    select * from followed
    where choice = 1
),

final as (
    select
        based.*,
        case
            when based.event_type = 'created' then based.running_purchase
            when based.order_base is not null then based.base_purchase
            else coalesce(chosen.running_purchase, based.running_purchase)
        end as purchase_number
    from based
    left join chosen
        on based.user_id = chosen.user_id and based.opening_number = chosen.opening_number
)

select * from final
