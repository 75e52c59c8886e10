with clock as (
    select * from {{ ref('int_clock') }}
),

events as (
    select * from {{ ref('stg_subscription_events') }}
),

users as (
    select * from {{ ref('int_user_attributes') }}
),

periods as (
    select
        subscription_event_id,
        row_number() over (
            partition by user_id, chain_number order by period_start_at, opening_number
        ) as chain_place
    from {{ ref('int_subscription_periods') }}
),

closings as (
    select * from {{ ref('int_subscription_closings') }}
),

receipts as (
    select
        source_id,
        product_key,
        store,
        billing_months,
        offer_id,
        verdict
    from {{ ref('fct_receipts') }}
    where source_table = 'subscription_events'
),

judged as (
    select
        events.subscription_event_id,
        events.user_id,
        events.event_type,
        events.created_at,
        events.expires_at,
        coalesce(users.is_test, false) as is_test,
        {{ user_dimensions('users', 'events.created_at') }},
        coalesce(receipts.product_key, openings.product_key) as product_key,
        coalesce(receipts.store, openings.store) as store,
        coalesce(receipts.billing_months, openings.billing_months) as billing_months,
        coalesce(receipts.offer_id, openings.offer_id) as offer_id,
        periods.chain_place,
        closings.opening_event_id,
        closings.effect as closing_effect,
        closings.reason as closing_reason,
        receipts.verdict,
        events.created_at > clock.as_of_at as is_future
    from events
    cross join clock
    left join users on {{ holds_at('users', 'events.user_id', 'events.created_at') }}
    left join periods on events.subscription_event_id = periods.subscription_event_id
    left join closings on events.subscription_event_id = closings.subscription_event_id
    left join receipts on events.subscription_event_id = receipts.source_id
    left join receipts as openings on closings.opening_event_id = openings.source_id
),

final as (
    select
        subscription_event_id,
        user_id,
        is_test,
        country,
        lead_source,
        cohort_code,
        acquisition,
        signup_month,
        first_paid_month,
        coalesce(product_key, 'unknown') as product_key,
        coalesce(store, 'unknown') as store,
        billing_months,
        case when product_key is null then 'unknown' else coalesce(offer_id, 'none') end
            as offer_id,
        event_type,
        created_at,
        expires_at as names_expires_at,
        case when chain_place is not null then subscription_event_id else opening_event_id end
            as period_id,
        case
            when chain_place = 1 then 'opened'
            when chain_place > 1 then 'renewed'
            when is_future then 'ignored'
            else coalesce(closing_effect, 'ignored')
        end as effect,
        case
            when chain_place is not null then null
            when is_future then 'dated after the extraction'
            when closing_effect is not null then closing_reason
            when verdict = 'duplicate_order' then 'repeats an order told before'
            when verdict = 'duplicate_token' then 'repeats a token told before'
            when verdict = 'replayed' then 'repeats the order of another user'
            when verdict = 'not_a_sale' then 'names no store'
            when {{ opens_a_period('event_type') }} then 'opens no period'
            when event_type in ('canceled', 'expired') then 'names no known period'
            else 'is of no known type'
        end as reason
    from judged
)

select * from final
