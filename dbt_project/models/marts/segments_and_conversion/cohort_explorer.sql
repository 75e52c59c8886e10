with clock as (
    select * from {{ ref('int_clock') }}
),

members as (
    select * from {{ ref('int_explored_members') }}
),

-- The payers of a cohort of first payment are those that it has retained.
payers as (
    select
        'signup' as cohort_kind,
        *
    from {{ ref('int_explored_payers') }}

    union all

    select
        'first_paid' as cohort_kind,
        first_paid_month as cohort_month,
        period_number as age_months,
        sum(retained) as payers,
        sum(mrr_retained_usd) as mrr_usd
    from {{ ref('retention_cohorts') }}
    where axis = 'month'
    group by first_paid_month, period_number
),

flows as (
    select * from {{ ref('int_explored_flows') }}
),

sizes as (
    select
        cohort_kind,
        cohort_month,
        count(*) as users,
        min(clock_starts_at) as first_starts_at,
        max(clock_starts_at) as last_starts_at
    from members
    group by cohort_kind, cohort_month
),

-- How many members have passed exactly so many months.
passed as (
    select
        cohort_kind,
        cohort_month,
        reached_months,
        count(*) as members
    from members
    group by cohort_kind, cohort_month, reached_months
),

reached as (
    select
        *,
        {{ numbers_through(0, "reached_months") }} as age_months
    from passed
),

cells as (
    select
        cohort_kind,
        cohort_month,
        age_months,
        sum(members) as eligible
    from reached
    group by cohort_kind, cohort_month, age_months
),

joined as (
    select
        cells.*,
        sizes.users,
        coalesce(payers.payers, 0) as payers,
        coalesce(payers.mrr_usd, 0) as mrr_usd,
        coalesce(flows.proceeds_usd, 0) as proceeds_usd,
        coalesce(flows.plays, 0) as plays,
        coalesce(flows.bank_consumed_credits, 0) as bank_consumed_credits,
        {{ add_months('sizes.first_starts_at', 'cells.age_months') }} as age_starts_at,
        {{ add_months('sizes.last_starts_at', 'cells.age_months + 1') }} as age_ends_at
    from cells
    inner join sizes
        on
            cells.cohort_kind = sizes.cohort_kind
            and cells.cohort_month = sizes.cohort_month
    left join payers
        on
            cells.cohort_kind = payers.cohort_kind
            and cells.cohort_month = payers.cohort_month
            and cells.age_months = payers.age_months
    left join flows
        on
            cells.cohort_kind = flows.cohort_kind
            and cells.cohort_month = flows.cohort_month
            and cells.age_months = flows.age_months
),

final as (
    select
        joined.cohort_kind,
        joined.cohort_month,
        cast(joined.age_months as bigint) as age_months,
        cast(joined.users as bigint) as users,
        cast(joined.eligible as bigint) as eligible,
        cast(joined.payers as bigint) as payers,
        cast(joined.mrr_usd as decimal(18, 4)) as mrr_usd,
        cast(joined.proceeds_usd as decimal(18, 4)) as proceeds_usd,
        case
            when {{ is_observed('joined.age_starts_at') }} then cast(joined.plays as bigint)
        end as plays,
        case
            when {{ is_observed('joined.age_starts_at') }}
                then cast(joined.bank_consumed_credits as bigint)
        end as bank_consumed_credits,
        {{ is_observed('joined.age_starts_at') }} as is_observed,
        joined.age_ends_at <= clock.as_of_at as is_complete
    from joined
    cross join clock
    order by joined.cohort_kind, joined.cohort_month, joined.age_months
)

select * from final
