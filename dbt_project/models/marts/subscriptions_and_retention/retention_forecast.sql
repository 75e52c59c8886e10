with fits as (
    select * from {{ ref('int_survival_fits') }}
    where is_current
),

bands as (
    select * from {{ ref('int_survival_bands') }}
),

choices as (
    select * from {{ ref('int_survival_choices') }}
    where is_current
),

retained as (
    select
        billing_months,
        period_number,
        sum(eligible) as eligible,
        sum(retained) as retained
    from {{ ref('retention_cohorts') }}
    where axis = 'renewal'
    group by billing_months, period_number
),

periods as (
    select
        choices.*,
        {{ numbers_through(0, "choices.settled_renewals + 12") }} as period_number
    from choices
),

final as (
    select
        cast(periods.billing_months as bigint) as billing_months,
        cast(periods.period_number as bigint) as period_number,
        {{ ratio('retained.retained', 'retained.eligible') }} as observed_survival_rate,
        cast(bands.survival as {{ type_double() }}) as forecast_survival_rate,
        cast(bands.survival_low as {{ type_double() }}) as forecast_low,
        cast(bands.survival_high as {{ type_double() }}) as forecast_high,
        cast(fits.alpha as {{ type_double() }}) as alpha,
        cast(fits.beta as {{ type_double() }}) as beta,
        cast(periods.customers as bigint) as customers,
        periods.fit_status
    from periods
    left join retained
        on
            periods.billing_months = retained.billing_months
            and periods.period_number = retained.period_number
    left join fits on periods.fitted_billing_months = fits.billing_months
    left join bands
        on
            periods.fitted_billing_months = bands.billing_months
            and periods.period_number = bands.period_number
    order by periods.billing_months, periods.period_number
)

select * from final
