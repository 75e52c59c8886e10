with choices as (
    select * from {{ ref('int_survival_choices') }}
    where not is_current and fitted_billing_months is not null
),

fits as (
    select * from {{ ref('int_survival_fits') }}
),

histories as (
    select * from {{ ref('int_survival_histories') }}
    where not is_current
),

-- What has been settled since of the customers known then.
settled as (
    select
        *,
        {{ numbers_through(1, "eligible_renewals") }} as period_number
    from histories
),

observed as (
    select
        forecast_month,
        billing_months,
        period_number,
        sum(customers) as eligible,
        sum(case when renewals >= period_number then customers else 0 end) as retained
    from settled
    group by forecast_month, billing_months, period_number
),

renewals as (
    select distinct period_number as renewal_number from observed
),

predicted as (
    select
        choices.forecast_month,
        choices.billing_months,
        choices.settled_renewals,
        renewals.renewal_number as period_number,
        {{ sbg_survival(
            'fits', 'renewals.renewal_number',
            group=['choices.forecast_month', 'choices.billing_months']
        ) }} as survival
    from choices
    inner join fits
        on
            choices.forecast_month = fits.forecast_month
            and choices.fitted_billing_months = fits.billing_months
    cross join renewals
),

final as (
    select
        predicted.forecast_month,
        cast(predicted.billing_months as bigint) as billing_months,
        cast(predicted.period_number as bigint) as period_number,
        cast({{ rounded("predicted.survival", 6) }} as {{ type_double() }})
            as predicted_survival_rate,
        {{ ratio('observed.retained', 'observed.eligible') }} as observed_survival_rate,
        cast(
            {{ rounded("predicted.survival", 6) }}
            - {{ ratio('observed.retained', 'observed.eligible') }} as {{ type_double() }}
        ) as error
    from predicted
    inner join observed
        on
            predicted.forecast_month = observed.forecast_month
            and predicted.billing_months = observed.billing_months
            and predicted.period_number = observed.period_number
    where predicted.period_number > predicted.settled_renewals
    order by predicted.forecast_month, predicted.billing_months, predicted.period_number
)

select * from final
