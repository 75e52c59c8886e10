with members as (
    select * from {{ ref('int_retention_members') }}
),

retained as (
    select
        first_paid_month,
        billing_months,
        axis,
        period_number,
        count(*) as retained,
        sum(mrr_usd) as mrr_retained_usd
    from {{ ref('int_retention_retained') }}
    group by first_paid_month, billing_months, axis, period_number
),

sizes as (
    select
        first_paid_month,
        billing_months,
        count(*) as cohort_size,
        sum(first_mrr_usd) as first_mrr_usd
    from members
    group by first_paid_month, billing_months
),

-- How many members have settled exactly so many periods.
settled as (
    select
        first_paid_month,
        billing_months,
        'renewal' as axis,
        eligible_renewals as settled_periods,
        count(*) as members
    from members
    group by first_paid_month, billing_months, eligible_renewals

    union all

    select
        first_paid_month,
        billing_months,
        'month' as axis,
        eligible_months as settled_periods,
        count(*) as members
    from members
    group by first_paid_month, billing_months, eligible_months
),

reached as (
    select
        *,
        {{ numbers_through(0, "settled_periods") }} as period_number
    from settled
),

cells as (
    select
        first_paid_month,
        billing_months,
        axis,
        period_number,
        sum(members) as eligible
    from reached
    group by first_paid_month, billing_months, axis, period_number
),

joined as (
    select
        cells.*,
        sizes.cohort_size,
        case
            when cells.period_number = 0 then sizes.cohort_size
            else coalesce(retained.retained, 0)
        end as retained,
        case
            when cells.period_number = 0 then sizes.first_mrr_usd
            else coalesce(retained.mrr_retained_usd, 0)
        end as mrr_retained_usd
    from cells
    inner join sizes
        on
            cells.first_paid_month = sizes.first_paid_month
            and cells.billing_months = sizes.billing_months
    left join retained
        on
            cells.first_paid_month = retained.first_paid_month
            and cells.billing_months = retained.billing_months
            and cells.axis = retained.axis
            and cells.period_number = retained.period_number
),

final as (
    select
        first_paid_month,
        cast(billing_months as bigint) as billing_months,
        axis,
        cast(period_number as bigint) as period_number,
        cast(cohort_size as bigint) as cohort_size,
        cast(eligible as bigint) as eligible,
        cast(retained as bigint) as retained,
        {{ ratio('retained', 'eligible') }} as retention_rate,
        cast(mrr_retained_usd as decimal(18, 4)) as mrr_retained_usd,
        eligible = cohort_size as is_complete
    from joined
    order by first_paid_month, billing_months, axis, period_number
)

select * from final
