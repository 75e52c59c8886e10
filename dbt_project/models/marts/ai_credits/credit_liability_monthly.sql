with movements as (
    select * from {{ ref('int_credit_lot_movements') }}
),

clock as (
    select * from {{ ref('int_clock') }}
),

bounds as (
    select
        min(movements.movement_month) as first_month,
        max(clock.as_of_month) as last_month
    from movements
    cross join clock
    having min(movements.movement_month) is not null
),

offsets as (
    select
        first_month,
        {{ numbers_through(0, months_between('first_month', 'last_month')) }} as month_offset
    from bounds
),

months as (
    select {{ month_start(add_months('first_month', 'month_offset')) }} as month
    from offsets
),

flows as (
    select
        movement_month,
        sum(case when movement_type = 'purchase' then credits else 0 end) as purchased_credits,
        sum(case when movement_type = 'consume' then credits else 0 end) as consumed_credits,
        sum(case when movement_type = 'revoke' then credits else 0 end) as revoked_credits,
        sum(case when movement_type = 'debt' then credits else 0 end) as debt_credits,
        sum(unobserved_credits) as unobserved_consumed_credits,
        -- a user has one first version, so that what a lot gave at that instant is of it in whole
        sum(case when unobserved_credits > 0 then amount_usd else 0 end)
            as unobserved_recognised_usd,
        sum(case when movement_type = 'purchase' then amount_usd else 0 end) as purchased_usd,
        sum(
            case
                when movement_type in ('consume', 'debt') then amount_usd
                when movement_type = 'reverse' then -amount_usd
                else 0
            end
        ) as recognised_usd,
        sum(case when movement_type = 'refund' then amount_usd else 0 end) as refunded_usd
    from movements
    group by movement_month
),

filled as (
    select
        months.month,
        coalesce(flows.purchased_credits, 0) as purchased_credits,
        coalesce(flows.consumed_credits, 0) as consumed_credits,
        coalesce(flows.revoked_credits, 0) as revoked_credits,
        coalesce(flows.debt_credits, 0) as debt_credits,
        coalesce(flows.unobserved_consumed_credits, 0) as unobserved_consumed_credits,
        coalesce(flows.unobserved_recognised_usd, 0) as unobserved_recognised_usd,
        coalesce(flows.purchased_usd, 0) as purchased_usd,
        coalesce(flows.recognised_usd, 0) as recognised_usd,
        coalesce(flows.refunded_usd, 0) as refunded_usd,
        {{ is_observed('months.month') }} as is_observed,
        {{ is_complete('months.month', 'month') }} as is_complete
    from months
    cross join clock
    left join flows on months.month = flows.movement_month
),

final as (
    select
        month,
        cast(purchased_credits as bigint) as purchased_credits,
        cast(consumed_credits as bigint) as consumed_credits,
        cast(revoked_credits as bigint) as revoked_credits,
        cast(debt_credits as bigint) as debt_credits,
        cast(
            sum(purchased_credits - consumed_credits - revoked_credits - debt_credits) over (
                order by month rows unbounded preceding
            ) as bigint
        ) as outstanding_credits,
        cast(purchased_usd as decimal(18, 4)) as purchased_usd,
        cast(recognised_usd as decimal(18, 4)) as recognised_usd,
        cast(refunded_usd as decimal(18, 4)) as refunded_usd,
        cast(
            sum(purchased_usd - recognised_usd - refunded_usd) over (
                order by month rows unbounded preceding
            ) as decimal(18, 4)
        ) as liability_usd,
        cast(unobserved_consumed_credits as bigint) as unobserved_consumed_credits,
        cast(unobserved_recognised_usd as decimal(18, 4)) as unobserved_recognised_usd,
        is_observed,
        is_complete
    from filled
)

select * from final
order by month
