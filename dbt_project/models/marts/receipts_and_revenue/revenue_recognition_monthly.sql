with entries as (
    select
        {{ month_start('booked_at') }} as recognition_month,
        product_kind,
        gross_usd
    from {{ ref('fct_revenue') }}
),

recognised as (
    select * from {{ ref('int_revenue_recognised') }}
),

lot_movements as (
    select * from {{ ref('int_credit_lot_movements') }}
),

clock as (
    select * from {{ ref('int_clock') }}
),

flows as (
    select
        recognition_month,
        product_kind,
        gross_usd as billed_usd,
        cast(0 as decimal(18, 4)) as recognised_usd
    from entries
    union all
    select
        recognition_month,
        product_kind,
        cast(0 as decimal(18, 4)) as billed_usd,
        recognised_usd
    from recognised
    union all
    select
        movement_month as recognition_month,
        'ai_credits' as product_kind,
        cast(0 as decimal(18, 4)) as billed_usd,
        case movement_type when 'reverse' then -amount_usd else amount_usd end as recognised_usd
    from lot_movements
    where movement_type in ('consume', 'debt', 'reverse')
),

kinds as (
    select
        flows.product_kind,
        min(flows.recognition_month) as first_month,
        greatest(max(flows.recognition_month), max(clock.as_of_month)) as last_month
    from flows
    cross join clock
    group by flows.product_kind
),

offsets as (
    select
        product_kind,
        first_month,
        {{ numbers_through(0, months_between('first_month', 'last_month')) }} as month_offset
    from kinds
),

-- Every month of a kind from its first, with nothing where nothing happened.
calendar as (
    select
        product_kind,
        {{ month_start(add_months('first_month', 'month_offset')) }} as recognition_month
    from offsets
),

summed as (
    select
        calendar.recognition_month,
        calendar.product_kind,
        coalesce(sum(flows.billed_usd), 0) as billed_usd,
        coalesce(sum(flows.recognised_usd), 0) as recognised_usd
    from calendar
    left join flows
        on
            calendar.recognition_month = flows.recognition_month
            and calendar.product_kind = flows.product_kind
    group by calendar.recognition_month, calendar.product_kind
),

balanced as (
    select
        *,
        sum(billed_usd - recognised_usd) over (
            partition by product_kind
            order by recognition_month
            rows between unbounded preceding and current row
        ) as deferred_closing_usd
    from summed
),

final as (
    select
        balanced.recognition_month,
        balanced.product_kind,
        cast(balanced.billed_usd as decimal(18, 4)) as billed_usd,
        cast(balanced.recognised_usd as decimal(18, 4)) as recognised_usd,
        cast(
            balanced.deferred_closing_usd - balanced.billed_usd + balanced.recognised_usd
            as decimal(18, 4)
        ) as deferred_opening_usd,
        cast(balanced.deferred_closing_usd as decimal(18, 4)) as deferred_closing_usd,
        balanced.product_kind <> 'ai_credits'
        or {{ is_observed('balanced.recognition_month') }} as is_observed,
        {{ is_complete('balanced.recognition_month', 'month') }} as is_complete
    from balanced
    cross join clock
)

select * from final
