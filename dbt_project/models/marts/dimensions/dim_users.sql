with users as (
    select * from {{ ref('stg_user_profile') }}
),

members as (
    select * from {{ ref('int_cohort_members_assigned') }}
),

cohorts as (
    select * from {{ ref('int_cohorts_unified') }}
),

referrals as (
    select * from {{ ref('int_referrals_resolved') }}
),

subscriptions as (
    select * from {{ ref('int_user_subscriptions') }}
),

payments as (
    select * from {{ ref('int_user_payments_summed') }}
),

final as (
    select
        users.user_id,
        users.signed_up_at,
        coalesce(users.country, 'unknown') as country,
        coalesce(users.lead_source, 'unknown') as lead_source,
        coalesce(users.role, 'unknown') as role,
        users.is_test,
        coalesce(cohorts.cohort_code, 'unknown') as cohort_code,
        coalesce(cohorts.cohort_type, 'unknown') as cohort_type,
        users.referral_code,
        users.referred_by_code,
        referrals.referrer_kind,
        referrals.referrer_user_id,
        coalesce(subscriptions.access, 'free') as access,
        payments.first_purchase_at,
        payments.first_premium_at,
        coalesce(payments.paid_to_date_usd, 0) as paid_to_date_usd,
        coalesce(payments.proceeds_to_date_usd, 0) as proceeds_to_date_usd,
        users.source_deleted_at is not null as is_closed,
        users.source_deleted_at as closed_at
    from users
    left join members on users.user_id = members.user_id
    left join cohorts on members.present_cohort_id = cohorts.cohort_id
    left join referrals on users.user_id = referrals.referred_user_id
    left join subscriptions on users.user_id = subscriptions.user_id
    left join payments on users.user_id = payments.user_id
)

select * from final
order by signed_up_at, user_id
