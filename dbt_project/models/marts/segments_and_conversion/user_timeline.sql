with users as (
    select * from {{ ref('dim_users') }}
),

-- Read more than once: all columns that are named here are kept for the time of the query.
receipts as (
    select
        receipt_id,
        user_id,
        source_table,
        source_id,
        product_kind,
        transacted_at,
        verdict,
        paid_usd
    from {{ ref('fct_receipts') }}
),

moments as (
    select
        user_id,
        signed_up_at as event_at,
        'signed_up' as kind,
        'user_profile' as source_table,
        cast(user_id as {{ type_text() }}) as source_id,
        case
            when referred_by_code is null then 'signed up'
            else 'signed up with a code'
        end as summary,
        cast(null as decimal(18, 4)) as amount_usd
    from users

    union all

    select
        user_id,
        closed_at as event_at,
        'account_closed' as kind,
        'user_profile' as source_table,
        cast(user_id as {{ type_text() }}) as source_id,
        'closed the account' as summary,
        null as amount_usd
    from users
    where is_closed

    union all

    select
        user_id,
        created_at as event_at,
        'subscription_' || effect as kind,
        'subscription_events' as source_table,
        cast(subscription_event_id as {{ type_text() }}) as source_id,
        coalesce(event_type, 'event') || ' ' || effect || coalesce(': ' || reason, '') as summary,
        null as amount_usd
    from {{ ref('fct_subscription_events') }}

    union all

    select
        user_id,
        transacted_at as event_at,
        'receipt' as kind,
        source_table,
        cast(source_id as {{ type_text() }}) as source_id,
        product_kind || ' receipt, ' || replace(verdict, '_', ' ') as summary,
        case when verdict = 'counted' then paid_usd end as amount_usd
    from receipts

    union all

    select
        entries.user_id,
        entries.booked_at as event_at,
        entries.entry_type as kind,
        receipts.source_table,
        cast(receipts.source_id as {{ type_text() }}) as source_id,
        entries.product_kind || ' ' || replace(entries.entry_type, '_', ' ') as summary,
        entries.gross_usd as amount_usd
    from {{ ref('fct_revenue') }} as entries
    inner join receipts on entries.receipt_id = receipts.receipt_id
    where entries.entry_type <> 'charge'

    union all

    select
        user_id,
        movement_at as event_at,
        'mrr_' || movement_type as kind,
        'subscription_events' as source_table,
        cast(source_event_id as {{ type_text() }}) as source_id,
        'MRR ' || movement_type || coalesce(', ' || churn_reason, '') as summary,
        mrr_delta_usd as amount_usd
    from {{ ref('fct_mrr_movements') }}

    union all

    select
        user_id,
        assigned_at as event_at,
        'discount_assigned' as kind,
        'user_discounts' as source_table,
        discount_code as source_id,
        'was given a discount, ' || outcome as summary,
        null as amount_usd
    from {{ ref('fct_discount_assignments') }}

    union all

    select
        user_id,
        used_at as event_at,
        'discount_used' as kind,
        'user_discounts' as source_table,
        discount_code as source_id,
        'used a discount' as summary,
        discount_usd as amount_usd
    from {{ ref('fct_discount_assignments') }}

    union all

    select
        referrer_user_id as user_id,
        signed_up_at as event_at,
        'referred_signup' as kind,
        'user_profile' as source_table,
        cast(referred_user_id as {{ type_text() }}) as source_id,
        'somebody signed up with their code' as summary,
        null as amount_usd
    from {{ ref('fct_referrals') }}
    where not is_self_referral

    union all

    select
        user_id,
        created_at as event_at,
        'referral_reward' as kind,
        'referral_credits' as source_table,
        cast(referral_credit_id as {{ type_text() }}) as source_id,
        'was given a referral credit' as summary,
        amount_usd
    from {{ ref('stg_referral_credits') }}

    union all

    select
        orders.user_id,
        orders.delivered_at as event_at,
        'course_delivered' as kind,
        receipts.source_table,
        cast(receipts.source_id as {{ type_text() }}) as source_id,
        'custom course delivered after ' || orders.waiting_days || ' days' as summary,
        null as amount_usd
    from {{ ref('fct_custom_courses') }} as orders
    inner join receipts on orders.receipt_id = receipts.receipt_id
),

final as (
    select
        user_id,
        event_at,
        kind,
        source_table,
        source_id,
        summary,
        amount_usd
    from moments
    where user_id is not null and event_at is not null
)

select * from final
