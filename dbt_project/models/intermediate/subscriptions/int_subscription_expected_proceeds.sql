with clock as (
    select * from {{ ref('int_clock') }}
),

charges as (
    select * from {{ ref('int_revenue_entries') }}
    where entry_type = 'charge'
),

choices as (
    select * from {{ ref('int_survival_choices') }}
    where is_current
),

survival as (
    select * from {{ ref('int_survival_bands') }}
),

ahead as (
    select {{ numbers_through(1, 36) }} as step
),

payers as (
    select
        periods.user_id,
        periods.term_months as billing_months,
        periods.renewal_number,
        -- Beyond what is counted below, to which months can be added whatever the store says.
        least(periods.period_end_at, {{ add_months('clock.as_of_at', 37) }}) as period_end_at,
        charges.proceeds_usd
    from {{ ref('int_subscription_periods') }} as periods
    cross join clock
    inner join charges
        on
            'subscription_events:' || cast(periods.subscription_event_id as {{ type_text() }})
            = charges.receipt_id
    where
        not periods.is_test
        and not periods.is_trial
        and periods.ended_by = 'open'
        and periods.cancel_intent_at is null
),

-- A plan that no history speaks of yet has no forecast either.
foreseen as (
    select
        payers.*,
        choices.fitted_billing_months
    from payers
    left join choices on payers.billing_months = choices.billing_months
),

renewals as (
    select
        foreseen.*,
        ahead.step,
        {{ add_months('foreseen.period_end_at', '(ahead.step - 1) * foreseen.billing_months') }}
            as renews_at
    from foreseen
    cross join ahead
    where ahead.step * foreseen.billing_months <= 36
),

expected as (
    select
        renewals.user_id,
        renewals.fitted_billing_months,
        renewals.proceeds_usd * later.survival / nullif(today.survival, 0)
        / power(
            1
            + cast(
                {{ setting_on('annual_discount_rate', 'clock.as_of_date') }} as {{ type_double() }}
            ),
            greatest({{ seconds_between('clock.as_of_at', 'renewals.renews_at') }}, 0)
            / (365.0 * 86400)
        ) as expected_usd
    from renewals
    cross join clock
    left join survival as today
        on
            renewals.fitted_billing_months = today.billing_months
            and renewals.renewal_number = today.period_number
    left join survival as later
        on
            renewals.fitted_billing_months = later.billing_months
            and renewals.renewal_number + renewals.step = later.period_number
    where renewals.renews_at < {{ add_months('clock.as_of_at', 36) }}
),

final as (
    select
        user_id,
        case
            when
                fitted_billing_months is not null
                then {{ round_usd('sum(' ~ decimal_of('coalesce(expected_usd, 0)', 38, 12) ~ ')') }}
        end
            as expected_proceeds_usd
    from expected
    group by user_id, fitted_billing_months
)

select * from final
