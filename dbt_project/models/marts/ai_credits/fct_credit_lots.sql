with lots as (
    select * from {{ ref('int_credit_lots') }}
),

users as (
    select * from {{ ref('int_user_attributes') }}
),

draws as (
    select
        lot_id,
        cast(sum(case when is_debt then 0 else drawn_credits end) as bigint) as consumed_credits,
        cast(sum(case when is_debt then drawn_credits else 0 end) as bigint) as debt_credits
    from {{ ref('int_credit_draws') }}
    group by lot_id
),

first_looks as (
    select
        user_id,
        observed_to_at as first_seen_at,
        bank_consumed_credits as used_before_credits
    from {{ ref('int_credit_intervals') }}
    where is_first_version
),

counted as (
    select
        lots.*,
        coalesce(draws.consumed_credits, 0) as consumed_credits,
        coalesce(draws.debt_credits, 0) as debt_credits,
        lots.revoked_at is not null as is_refunded,
        coalesce(
            lots.revoked_at < first_looks.first_seen_at and first_looks.used_before_credits > 0,
            false
        ) as is_use_before_first_look_hidden
    from lots
    left join draws on lots.lot_id = draws.lot_id
    left join first_looks on lots.user_id = first_looks.user_id
),

priced as (
    select
        *,
        case when is_refunded then credits - consumed_credits - debt_credits else 0 end
            as revoked_credits,
        case
            when is_refunded then 0
            else {{ usd_share('paid_usd', '(consumed_credits + debt_credits)', 'credits') }}
        end as recognised_usd
    from counted
),

final as (
    select
        priced.lot_id,
        priced.receipt_id,
        priced.user_id,
        {{ user_dimensions('users', 'priced.purchased_at') }},
        priced.product_key,
        priced.store,
        coalesce(priced.offer_id, 'none') as offer_id,
        priced.purchased_at,
        priced.credits,
        priced.is_use_before_first_look_hidden,
        {{ price_per_unit('priced.paid_usd', 'priced.credits') }} as unit_price_usd,
        priced.consumed_credits,
        priced.revoked_credits,
        priced.debt_credits,
        priced.credits
        - priced.consumed_credits
        - priced.revoked_credits
        - priced.debt_credits as remaining_credits,
        cast(priced.recognised_usd as decimal(18, 4)) as recognised_usd,
        cast(
            case when priced.is_refunded then 0 else priced.paid_usd - priced.recognised_usd end
            as decimal(18, 4)
        ) as liability_usd,
        priced.paid_usd,
        priced.revoked_at,
        priced.is_refunded,
        priced.is_credits_recorded
    from priced
    left join users on {{ holds_at('users', 'priced.user_id', 'priced.purchased_at') }}
)

select * from final
order by purchased_at, lot_id
