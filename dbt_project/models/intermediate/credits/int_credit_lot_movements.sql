-- What happened to each lot, and when. Credits and amounts are positive; the type gives the sign:
-- purchase adds to what is owed, consume earns it, refund pays the price back, reverse takes back
-- what had been earned of it, revoke takes the unused credits. Earned money is the rounded running
-- total's difference, so that a lot's months add up to its price exactly.
with lots as (
    select * from {{ ref('int_credit_lots') }}
),

draws as (
    select
        lot_id,
        drawn_at,
        sum(drawn_credits) as drawn_credits
    from {{ ref('int_credit_draws') }}
    group by lot_id, drawn_at
),

running as (
    select
        *,
        sum(drawn_credits) over (
            partition by lot_id order by drawn_at rows unbounded preceding
        ) as consumed_credits
    from draws
),

consumed as (
    select
        running.lot_id,
        running.drawn_at as movement_at,
        'consume' as movement_type,
        running.drawn_credits as credits,
        {{ usd_share('lots.paid_usd', 'running.consumed_credits', 'lots.credits') }}
        - {{ usd_share(
            'lots.paid_usd', '(running.consumed_credits - running.drawn_credits)', 'lots.credits'
        ) }} as amount_usd
    from running
    inner join lots on running.lot_id = lots.lot_id
),

totals as (
    select
        lots.*,
        coalesce(consumed.credits, 0) as consumed_credits,
        coalesce(consumed.amount_usd, 0) as earned_usd
    from lots
    left join (
        select
            lot_id,
            sum(credits) as credits,
            sum(amount_usd) as amount_usd
        from consumed
        group by lot_id
    ) as consumed on lots.lot_id = consumed.lot_id
),

moved as (
    select lot_id, available_at as movement_at, 'purchase' as movement_type, credits, paid_usd as amount_usd
    from totals
    union all
    select lot_id, movement_at, movement_type, credits, amount_usd
    from consumed
    union all
    select lot_id, revoked_at, 'revoke', credits - consumed_credits, 0
    from totals
    where revoked_at is not null
    union all
    select lot_id, revoked_at, 'reverse', 0, earned_usd
    from totals
    where revoked_at is not null
    union all
    select lot_id, revoked_at, 'refund', 0, paid_usd
    from totals
    where revoked_at is not null
),

final as (
    select
        lot_id,
        movement_at,
        {{ month_start('movement_at') }} as movement_month,
        movement_type,
        cast(credits as bigint) as credits,
        cast(amount_usd as decimal(18, 4)) as amount_usd
    from moved
)

select * from final
