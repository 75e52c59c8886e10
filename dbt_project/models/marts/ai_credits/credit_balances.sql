with usage as (
    select
        *,
        row_number() over (
            partition by user_id order by updated_at desc nulls last, ai_usage_id desc nulls last
        ) as choice
    from {{ ref('stg_ai_usage') }}
    where source_deleted_at is null
),

profiles as (
    select * from {{ ref('stg_user_profile') }}
),

subscriptions as (
    select * from {{ ref('int_user_subscriptions') }}
),

purchases as (
    select
        user_id,
        sum(credits) as purchased_credits
    from {{ ref('int_credit_lots') }}
    where revoked_at is null
    group by user_id
),

lots as (
    select
        user_id,
        sum(remaining_credits) as remaining_credits
    from {{ ref('fct_credit_lots') }}
    group by user_id
),

final as (
    select
        usage.user_id,
        coalesce(profiles.is_test, false) as is_test,
        coalesce(subscriptions.access, 'free') as access,
        usage.weekly_limit_credits,
        usage.weekly_used_credits,
        greatest(usage.weekly_limit_credits - usage.weekly_used_credits, 0)
            as weekly_remaining_credits,
        usage.bank_limit_credits,
        usage.bank_used_credits,
        greatest(usage.bank_limit_credits - usage.bank_used_credits, 0) as bank_remaining_credits,
        cast(coalesce(purchases.purchased_credits, 0) as bigint) as purchased_credits,
        cast(usage.bank_limit_credits - coalesce(purchases.purchased_credits, 0) as bigint)
            as unexplained_credits,
        greatest(usage.bank_limit_credits - usage.bank_used_credits, 0)
        = coalesce(lots.remaining_credits, 0) as is_reconciled
    from usage
    left join profiles on usage.user_id = profiles.user_id
    left join subscriptions on usage.user_id = subscriptions.user_id
    left join purchases on usage.user_id = purchases.user_id
    left join lots on usage.user_id = lots.user_id
    where usage.choice = 1
)

select * from final
order by user_id
