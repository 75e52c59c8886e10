with lots as (
    select * from {{ ref('int_credit_lots') }}
),

draws as (
    select
        lot_id,
        cast(sum(drawn_credits) as bigint) as consumed_credits
    from {{ ref('int_credit_draws') }}
    group by lot_id
),

counted as (
    select
        lots.*,
        coalesce(draws.consumed_credits, 0) as consumed_credits,
        lots.revoked_at is not null as is_refunded
    from lots
    left join draws on lots.lot_id = draws.lot_id
),

priced as (
    select
        *,
        case when is_refunded then credits - consumed_credits else 0 end as revoked_credits,
        case
            when is_refunded then 0
            else {{ usd_share('paid_usd', 'consumed_credits', 'credits') }}
        end as recognised_usd
    from counted
),

final as (
    select
        lot_id,
        receipt_id,
        user_id,
        purchased_at,
        credits,
        {{ price_per_unit('paid_usd', 'credits') }} as unit_price_usd,
        consumed_credits,
        revoked_credits,
        credits - consumed_credits - revoked_credits as remaining_credits,
        cast(recognised_usd as decimal(18, 4)) as recognised_usd,
        cast(
            case when is_refunded then 0 else paid_usd - recognised_usd end as decimal(18, 4)
        ) as liability_usd,
        paid_usd,
        revoked_at,
        is_refunded,
        is_credits_recorded
    from priced
)

select * from final
order by purchased_at, lot_id
