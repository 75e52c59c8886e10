with histories as (
    select * from {{ ref('int_survival_histories') }}
),

faced as (
    select
        *,
        {{ numbers_through(1, "least(settled_renewals, renewals + 1)") }} as renewal_number
    from histories
),

final as (
    select
        forecast_month,
        is_current,
        billing_months,
        renewal_number,
        cast(sum(customers) as {{ type_double() }}) as at_risk,
        cast(
            sum(case when renewals < renewal_number then customers else 0 end)
            as {{ type_double() }}
        ) as lost
    from faced
    group by forecast_month, is_current, billing_months, renewal_number
)

select * from final
