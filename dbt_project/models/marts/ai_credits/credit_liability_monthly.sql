with recursive movements as (
    select * from {{ ref('int_credit_lot_movements') }}
),

clock as (
    select * from {{ ref('int_clock') }}
),

months as (
    select min(movement_month) as month
    from movements
    having min(movement_month) is not null
    union all
    select cast(months.month + interval '1' month as date) as month
    from months
    cross join clock
    where months.month < clock.as_of_month
),

flows as (
    select
        movement_month,
        sum(case when movement_type = 'purchase' then credits else 0 end) as purchased_credits,
        sum(case when movement_type = 'consume' then credits else 0 end) as consumed_credits,
        sum(case when movement_type = 'revoke' then credits else 0 end) as revoked_credits,
        sum(case when movement_type = 'purchase' then amount_usd else 0 end) as purchased_usd,
        sum(
            case movement_type when 'consume' then amount_usd when 'reverse' then -amount_usd else 0
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
        coalesce(flows.purchased_usd, 0) as purchased_usd,
        coalesce(flows.recognised_usd, 0) as recognised_usd,
        coalesce(flows.refunded_usd, 0) as refunded_usd
    from months
    left join flows on months.month = flows.movement_month
),

final as (
    select
        month,
        cast(purchased_credits as bigint) as purchased_credits,
        cast(consumed_credits as bigint) as consumed_credits,
        cast(revoked_credits as bigint) as revoked_credits,
        cast(
            sum(purchased_credits - consumed_credits - revoked_credits) over (
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
        ) as liability_usd
    from filled
)

select * from final
order by month
