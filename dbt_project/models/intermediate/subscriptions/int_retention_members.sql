with clock as (
    select * from {{ ref('int_clock') }}
),

ranked as (
    select
        periods.*,
        row_number() over (
            partition by periods.user_id order by periods.period_start_at, periods.opening_number
        ) as paid_number
    from {{ ref('int_subscription_periods') }} as periods
    cross join clock
    where
        not periods.is_test
        and not periods.is_trial
        and not periods.is_prorated
        and not periods.is_implausible
        and periods.period_start_at <= clock.as_of_at
),

final as (
    select
        ranked.user_id,
        {{ month_start('ranked.period_start_at') }} as first_paid_month,
        ranked.term_months as billing_months,
        ranked.chain_number,
        ranked.period_start_at as first_paid_at,
        ranked.mrr_usd as first_mrr_usd,
        ranked.grace_days,
        {{ renewals_settled(
            'ranked.period_start_at', 'ranked.term_months', 'ranked.grace_days', 'clock.as_of_at'
        ) }} as eligible_renewals,
        greatest({{ months_passed('ranked.period_start_at', 'clock.as_of_at') }}, 0)
            as eligible_months
    from ranked
    cross join clock
    where ranked.paid_number = 1
)

select * from final
