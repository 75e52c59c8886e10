with periods as (
    select * from {{ ref('int_subscription_periods') }}
),

final as (
    select
        subscription_event_id as period_id,
        user_id,
        is_test,
        subscription_id,
        cast(chain_number as bigint) as chain_number,
        cast(renewal_number as bigint) as renewal_number,
        product_key,
        base_plan_id,
        cast(billing_months as bigint) as billing_months,
        store,
        offer_id,
        created_at as opened_at,
        period_start_at,
        period_end_at,
        effective_end_at,
        is_trial,
        is_prorated,
        is_implausible,
        is_in_grace,
        grace_ends_at,
        price_usd,
        contracted_mrr_usd,
        mrr_usd,
        cancel_intent_at,
        ended_by,
        cancel_event_id,
        expired_event_id,
        subscription_event_id as source_event_id
    from periods
    order by period_start_at, period_id
)

select * from final
