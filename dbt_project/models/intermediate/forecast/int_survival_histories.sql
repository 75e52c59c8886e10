with clock as (
    select * from {{ ref('int_clock') }}
),

members as (
    select * from {{ ref('int_retention_members') }}
),

tenures as (
    select
        user_id,
        max(renewal_number) as renewals
    from {{ ref('int_retention_renewals') }}
    where renewals_paid = renewal_number
    group by user_id
),

span as (
    select min(first_paid_month) as first_month
    from members
    having count(*) > 0
),

months as (
    select {{ months_through('span.first_month', 'clock.as_of_month') }} as forecast_month
    from span
    cross join clock
),

forecasts as (
    select
        months.forecast_month,
        months.forecast_month = clock.as_of_month as is_current,
        case
            when months.forecast_month = clock.as_of_month then clock.as_of_at
            else {{ add_months('months.forecast_month', 1) }}
        end as known_at
    from months
    cross join clock
    where {{ add_months('months.forecast_month', 24) }} >= clock.as_of_month
),

known as (
    select
        forecasts.forecast_month,
        forecasts.is_current,
        members.billing_months,
        {{ renewals_settled(
            'members.first_paid_at',
            'members.billing_months',
            'members.grace_days',
            'forecasts.known_at'
        ) }} as settled_renewals,
        members.eligible_renewals,
        coalesce(tenures.renewals, 0) as renewals
    from members
    inner join forecasts on members.first_paid_at < forecasts.known_at or forecasts.is_current
    left join tenures on members.user_id = tenures.user_id
),

final as (
    select
        forecast_month,
        is_current,
        billing_months,
        settled_renewals,
        eligible_renewals,
        renewals,
        count(*) as customers
    from known
    group by
        forecast_month, is_current, billing_months, settled_renewals, eligible_renewals, renewals

    union all

    select
        forecast_month,
        is_current,
        0 as billing_months,
        settled_renewals,
        eligible_renewals,
        renewals,
        count(*) as customers
    from known
    group by forecast_month, is_current, settled_renewals, eligible_renewals, renewals
)

select * from final
