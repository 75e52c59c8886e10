-- One row per paid or trial period with its price and what is known of it at as_of. access_end_at
-- is null while a customer counts in grace.
with clock as (
    select * from {{ ref('int_clock') }}
),

phases as (
    select * from {{ ref('int_subscription_phases') }}
),

intents as (
    select * from {{ ref('int_subscription_cancels') }}
    where is_intent
),

-- Who had switched renewal off before the end has no grace, with or without a canceled event.
switches as (
    select
        phases.subscription_event_id,
        {{ value_at_greatest('versions.auto_renew', 'versions.observed_at') }} as is_renewing_at_end
    from phases
    inner join {{ ref('int_auto_renew_versions') }} as versions
        on phases.user_id = versions.user_id
    where versions.observed_at < phases.period_end_at
    group by phases.subscription_event_id
),

priced as (
    select
        phases.*,
        clock.as_of_at,
        intents.subscription_event_id as cancel_event_id,
        intents.canceled_at as cancel_intent_at,
        coalesce(switches.is_renewing_at_end, true) as is_renewing_at_end,
        receipts.list_price_usd,
        receipts.price_usd as charged_usd,
        case
            when phases.is_trial or phases.is_prorated then cast(0 as decimal(18, 4))
            when not phases.is_implausible then receipts.price_usd
        end as price_usd
    from phases
    inner join {{ ref('int_receipts_judged') }} as receipts
        on
            phases.receipt_id = receipts.receipt_id
            and receipts.source_table = 'subscription_events'
    cross join clock
    left join intents on phases.subscription_event_id = intents.opening_event_id
    left join switches on phases.subscription_event_id = switches.subscription_event_id
),

ended as (
    select
        *,
        case
            when is_covered or replaced_at < end_at then 'replaced'
            when not next_opens_chain then 'renewed'
            when has_expired then 'expired'
            when next_opens_chain or not is_last then 'lapsed'
            when
                period_end_at <= as_of_at
                and (cancel_intent_at is not null or not is_renewing_at_end)
                then 'lapsed'
            when period_end_at < {{ grace_before('as_of_at', 'grace_days') }} then 'lapsed'
            else 'open'
        end as ended_by,
        case
            when is_prorated then coalesce(charged_usd, list_price_usd)
            when not is_trial and not is_implausible then price_usd
        end as recurring_usd
    from priced
),

final as (
    select
        subscription_event_id,
        user_id,
        subscription_id,
        event_type,
        created_at,
        base_plan_id,
        store,
        opening_number,
        chain_number,
        renewal_number,
        is_test,
        product_key,
        billing_months,
        term_months,
        offer_id,
        is_trial,
        is_prorated,
        is_implausible,
        price_usd,
        cancel_intent_at,
        cancel_event_id,
        expired_event_id,
        period_start_at,
        period_end_at,
        effective_end_at,
        ended_by,
        as_of_at,
        grace_days,
        ended_by = 'open' and period_end_at <= as_of_at as is_in_grace,
        case
            when ended_by = 'open' and period_end_at <= as_of_at
                then {{ days_after('period_end_at', 'grace_days') }}
        end as grace_ends_at,
        case when not (ended_by = 'open' and period_end_at <= as_of_at) then effective_end_at end
            as access_end_at,
        coalesce({{ usd_share('recurring_usd', 1, 'term_months') }}, 0) as mrr_usd,
        case
            when is_trial or is_implausible then cast(0 as decimal(18, 4))
            else {{ usd_share('list_price_usd', 1, 'term_months') }}
        end as contracted_mrr_usd
    from ended
)

select * from final
