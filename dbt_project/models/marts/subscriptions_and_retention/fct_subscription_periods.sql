with periods as (
    select * from {{ ref('int_subscription_periods') }}
),

users as (
    select * from {{ ref('int_user_attributes') }}
),

final as (
    select
        periods.subscription_event_id as period_id,
        periods.user_id,
        periods.is_test,
        {{ user_dimensions('users', 'periods.period_start_at') }},
        periods.subscription_id,
        cast(periods.chain_number as bigint) as chain_number,
        cast(periods.renewal_number as bigint) as renewal_number,
        periods.product_key,
        periods.base_plan_id,
        cast(periods.billing_months as bigint) as billing_months,
        periods.store,
        periods.offer_id,
        periods.created_at as opened_at,
        periods.period_start_at,
        periods.period_end_at,
        periods.effective_end_at,
        periods.is_trial,
        periods.is_prorated,
        periods.is_implausible,
        periods.is_in_grace,
        periods.grace_ends_at,
        periods.price_usd,
        periods.contracted_mrr_usd,
        periods.mrr_usd,
        periods.cancel_intent_at,
        periods.ended_by,
        periods.cancel_event_id,
        periods.expired_event_id,
        periods.subscription_event_id as source_event_id
    from periods
    left join users on {{ holds_at('users', 'periods.user_id', 'periods.period_start_at') }}
    order by periods.period_start_at, period_id
)

select * from final
