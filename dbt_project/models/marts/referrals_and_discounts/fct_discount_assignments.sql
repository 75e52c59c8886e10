with assignments as (
    select * from {{ ref('int_discounts_assigned') }}
),

links as (
    select * from {{ ref('int_discount_receipts_linked') }}
),

receipts as (
    select * from {{ ref('fct_receipts') }}
),

revenue as (
    select * from {{ ref('fct_revenue') }}
),

users as (
    select * from {{ ref('int_user_attributes') }}
),

proceeds as (
    select
        assignments.user_discount_id,
        cast(sum(revenue.proceeds_usd) as decimal(18, 4)) as proceeds_90d_usd
    from assignments
    inner join revenue on assignments.user_id = revenue.user_id
    where {{ within_days('revenue.booked_at', 'assignments.assigned_at', 90) }}
    group by assignments.user_discount_id
),

final as (
    select
        assignments.user_id,
        assignments.is_test,
        {{ user_dimensions('users', 'assignments.assigned_at') }},
        assignments.discount_code,
        assignments.product_type,
        assignments.assigned_at,
        assignments.expires_at,
        assignments.used_at,
        assignments.outcome,
        coalesce(assignments.used_at >= assignments.expires_at, false) as is_used_late,
        links.receipt_id,
        links.linked_by,
        receipts.verdict as receipt_verdict,
        receipts.product_key,
        receipts.store,
        receipts.billing_months,
        receipts.offer_id,
        receipts.discount_usd,
        receipts.paid_usd,
        coalesce(proceeds.proceeds_90d_usd, 0) as proceeds_90d_usd
    from assignments
    left join links on assignments.user_discount_id = links.user_discount_id
    left join receipts on links.receipt_id = receipts.receipt_id
    left join proceeds on assignments.user_discount_id = proceeds.user_discount_id
    left join users on {{ holds_at('users', 'assignments.user_id', 'assignments.assigned_at') }}
)

select * from final
order by assigned_at, user_id, discount_code
