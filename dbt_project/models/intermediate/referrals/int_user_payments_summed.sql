-- One row per user with any revenue entry or paid premium period: when they first paid, when their
-- first paid premium period began, what they have paid and what of it is ours, net of refunds.
with clock as (
    select * from {{ ref('int_clock') }}
),

periods as (
    select * from {{ ref('int_subscription_periods') }}
),

revenue as (
    select * from {{ ref('int_revenue_entries') }}
),

premium as (
    select
        periods.user_id,
        min(periods.period_start_at) as first_premium_at
    from periods
    cross join clock
    where
        not periods.is_trial
        and periods.price_usd > 0
        and periods.period_start_at <= clock.as_of_at
    group by periods.user_id
),

payments as (
    select
        user_id,
        min(case when entry_type = 'charge' and gross_usd > 0 then booked_at end)
            as first_purchase_at,
        cast(sum(gross_usd) as decimal(18, 4)) as paid_to_date_usd,
        cast(sum(proceeds_usd) as decimal(18, 4)) as proceeds_to_date_usd
    from revenue
    group by user_id
),

final as (
    select
        coalesce(payments.user_id, premium.user_id) as user_id,
        payments.first_purchase_at,
        premium.first_premium_at,
        coalesce(payments.paid_to_date_usd, 0) as paid_to_date_usd,
        coalesce(payments.proceeds_to_date_usd, 0) as proceeds_to_date_usd
    from payments
    full outer join premium on payments.user_id = premium.user_id
)

select * from final
