with histories as (
    select * from {{ ref('int_survival_histories') }}
),

fits as (
    select * from {{ ref('int_survival_fits') }}
),

plans as (
    select
        forecast_month,
        is_current,
        billing_months,
        sum(customers) as customers,
        max(settled_renewals) as settled_renewals
    from histories
    group by forecast_month, is_current, billing_months
),

usable as (
    select
        plans.*,
        plans.customers >= 50
        and plans.settled_renewals >= 2
        and coalesce(fits.is_identified, false) as is_usable
    from plans
    left join fits
        on plans.forecast_month = fits.forecast_month and plans.billing_months = fits.billing_months
),

final as (
    select
        own.forecast_month,
        own.is_current,
        own.billing_months,
        own.customers,
        own.settled_renewals,
        case
            when own.is_usable then 'fitted'
            when pooled.is_usable then 'pooled'
            else 'too_little_data'
        end as fit_status,
        case
            when own.is_usable then own.billing_months
            when pooled.is_usable then 0
        end as fitted_billing_months
    from usable as own
    inner join usable as pooled
        on own.forecast_month = pooled.forecast_month and pooled.billing_months = 0
    where own.billing_months > 0
)

select * from final
