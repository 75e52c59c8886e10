-- One row per event that opens a period, in each user's order, with the purchase that it belongs
-- to. A created event begins a purchase. A renewal belongs to the purchase that it names: by the
-- base of its order number; without a base, by store, plan and the end that its own end follows; if
-- it names none that is known, to the one that runs.
with receipts as (
    select * from {{ ref('int_receipts_screened') }}
    where source_table = 'subscription_events' and time_fault is null
),

events as (
    select * from {{ ref('stg_subscription_events') }}
),

stores as (
    select * from {{ ref('int_stores') }}
),

plans as (
    select * from {{ ref('int_subscription_plans') }}
),

-- A receipt told twice opens nothing, nor does access that nobody paid for in a store.
openings as (
    select
        events.subscription_event_id,
        events.user_id,
        events.subscription_id,
        events.event_type,
        events.store,
        events.expires_at,
        events.created_at,
        receipts.receipt_id,
        receipts.is_test,
        receipts.product_key,
        receipts.offer_id,
        receipts.order_id
    from receipts
    inner join events on receipts.source_id = events.subscription_event_id
    left join {{ ref('int_receipt_groups') }} as grouped on receipts.receipt_id = grouped.receipt_id
    where
        coalesce(receipts.own_verdict, 'test') = 'test'
        and coalesce(grouped.position, 1) = 1
),

described as (
    select
        openings.*,
        stores.grace_days,
        nullif(split_part(openings.product_key, '/', 2), '') as base_plan_id,
        case
            when stores.sale_is = 'token_or_order' then {{ order_base('openings.order_id') }}
        end as order_base,
        coalesce(
            offered.billing_months,
            listed.billing_months,
            {{ plan_months_of("split_part(openings.product_key, '/', 2)") }}
        ) as billing_months
    from openings
    inner join stores on openings.store = stores.store
    left join plans as offered
        on openings.product_key = offered.product_key and openings.offer_id = offered.offer_id
    left join plans as listed
        on openings.product_key = listed.product_key and listed.offer_id = ''
),

lasting as (
    select
        *,
        {{ term_months('billing_months') }} as term_months
    from described
),

-- Whether a created event was told after the end that it names, or, no offer's, when less of the
-- plan's length is left than a plausible period has.
late_candidates as (
    select
        *,
        {{ add_months('lasting.expires_at', '-lasting.term_months') }} as would_begin_at
    from lasting
    where
        lasting.event_type = 'created'
        and (
            lasting.expires_at <= lasting.created_at
            or (
                lasting.offer_id is null
                and {{ term_is_too_short('lasting', 'lasting.created_at') }}
            )
        )
),

-- Those in whose period another one lies.
crossed as (
    select distinct created.subscription_event_id
    from late_candidates as created
    inner join lasting as others on created.user_id = others.user_id
    where
        created.subscription_event_id <> others.subscription_event_id
        and coalesce(
            others.expires_at, {{ add_months('others.created_at', 'others.term_months') }}
        ) > created.would_begin_at + interval '3 days'
        and case
            when others.event_type = 'renewed' and others.expires_at is not null
                then {{ add_months('others.expires_at', '-others.term_months') }}
            else others.created_at
        end < created.expires_at - interval '3 days'
),

-- It is believed where a renewal of its purchase names the period that follows, no other event the
-- same end, and nothing else lies in its period.
told_late as (
    select created.subscription_event_id
    from late_candidates as created
    inner join lasting as others
        on
            created.user_id = others.user_id
            and created.store = others.store
            and created.product_key = others.product_key
    left join crossed on created.subscription_event_id = crossed.subscription_event_id
    where
        created.subscription_event_id <> others.subscription_event_id
        and coalesce(created.order_base = others.order_base, true)
        and crossed.subscription_event_id is null
    group by created.subscription_event_id
    having
        bool_or(
            others.event_type = 'renewed'
            and {{ add_months('others.expires_at', '-others.term_months') }}
            between created.expires_at - interval '3 days'
            and created.expires_at + interval '3 days'
        )
        and not bool_or(
            others.expires_at
            between created.expires_at - interval '3 days'
            and created.expires_at + interval '3 days'
        )
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
            user_events rows between unbounded preceding and current row
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
            last_value(case when event_type = 'created' then running_purchase end ignore nulls)
                over base_events,
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
            order by earlier.expires_at desc, earlier.opening_number desc
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

placed as (
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
),

spanned as (
    select
        *,
        {{ add_months('expires_at', '-term_months') }} as names_start_at,
        min(opening_number) over (partition by user_id, purchase_number) as first_number,
        expires_at < max(expires_at) over (
            partition by user_id, purchase_number
            order by opening_number
            rows between unbounded preceding and 1 preceding
        ) as is_behind
    from placed
),

-- A renewal told after one that follows it takes its place before that one: what was told before
-- it lies, by the ends named, wholly before or wholly after its period, three days let pass.
preceding as (
    select
        late.user_id,
        late.opening_number,
        min(
            case
                when told.names_start_at >= late.expires_at - interval '3 days'
                    then told.opening_number
            end
        ) as before_number,
        bool_and(
            told.names_start_at >= late.expires_at - interval '3 days'
            or told.expires_at <= late.names_start_at + interval '3 days'
        ) as is_free
    from spanned as late
    inner join spanned as told
        on
            late.user_id = told.user_id
            and late.purchase_number = told.purchase_number
            and late.opening_number > told.opening_number
    where late.is_behind and late.event_type = 'renewed' and told.expires_at is not null
    group by late.user_id, late.opening_number
),

-- A renewal that names the end of a period told before it, well before that end: it gives no time
-- of its own. Told as that end comes, its end is merely not the new one yet.
repeated_ends as (
    select distinct
        repeats.user_id,
        repeats.opening_number
    from placed as repeats
    inner join placed as earlier
        on
            repeats.user_id = earlier.user_id
            and repeats.purchase_number = earlier.purchase_number
            and repeats.product_key = earlier.product_key
    where
        repeats.event_type = 'renewed'
        and earlier.opening_number < repeats.opening_number
        and repeats.created_at < repeats.expires_at - interval '3 days'
        and {{ is_one_end('earlier.expires_at', 'repeats.expires_at') }}
),

ordered as (
    select
        spanned.*,
        preceding.before_number,
        repeated_ends.opening_number is not null as is_repeated_end
    from spanned
    left join repeated_ends
        on
            spanned.user_id = repeated_ends.user_id
            and spanned.opening_number = repeated_ends.opening_number
    left join preceding
        on
            spanned.user_id = preceding.user_id
            and spanned.opening_number = preceding.opening_number
            and preceding.is_free
            and spanned.first_number < preceding.before_number
),

final as (
    select
        subscription_event_id,
        receipt_id,
        user_id,
        subscription_id,
        event_type,
        created_at,
        begins_at,
        expires_at,
        is_repeated_end,
        is_repeated_end or (is_told_late and begins_at = expires_at) as is_without_time,
        base_plan_id,
        store,
        grace_days,
        opening_number,
        purchase_number,
        order_base,
        is_test,
        product_key,
        billing_months,
        term_months,
        offer_id,
        row_number() over (
            partition by user_id, purchase_number
            order by
                coalesce(before_number, opening_number),
                case when before_number is null then 1 else 0 end,
                case when before_number is not null then expires_at end,
                opening_number
        ) as purchase_step
    from ordered
)

select * from final
