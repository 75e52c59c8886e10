with members as (
    select * from {{ ref('int_retention_members') }}
),

periods as (
    select * from {{ ref('int_subscription_periods') }}
    where not is_trial and not is_implausible and renewal_number > 0
),

final as (
    select
        members.user_id,
        members.first_paid_month,
        members.billing_months,
        members.eligible_renewals,
        periods.renewal_number,
        periods.mrr_usd,
        row_number() over (
            partition by members.user_id order by periods.renewal_number
        ) as renewals_paid
    from members
    inner join periods
        on
            members.user_id = periods.user_id
            and members.chain_number = periods.chain_number
            and members.billing_months = periods.term_months
)

select * from final
