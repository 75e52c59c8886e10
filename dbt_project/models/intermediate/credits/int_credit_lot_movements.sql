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

earned as (
    select
        lot_id,
        sum(credits) as consumed_credits,
        sum(amount_usd) as earned_usd
    from consumed
    group by lot_id
),

refunded as (
    select
        lots.lot_id,
        lots.revoked_at,
        lots.paid_usd,
        lots.credits - coalesce(earned.consumed_credits, 0) as unused_credits,
        coalesce(earned.earned_usd, 0) as earned_usd
    from lots
    left join earned on lots.lot_id = earned.lot_id
    where lots.revoked_at is not null
),

moved as (
    select
        lot_id,
        available_at as movement_at,
        'purchase' as movement_type,
        credits,
        paid_usd as amount_usd
    from lots
    union all
    select
        lot_id,
        movement_at,
        movement_type,
        credits,
        amount_usd
    from consumed
    union all
    select
        lot_id,
        revoked_at as movement_at,
        'revoke' as movement_type,
        unused_credits as credits,
        0 as amount_usd
    from refunded
    union all
    select
        lot_id,
        revoked_at as movement_at,
        'reverse' as movement_type,
        0 as credits,
        earned_usd as amount_usd
    from refunded
    union all
    select
        lot_id,
        revoked_at as movement_at,
        'refund' as movement_type,
        0 as credits,
        paid_usd as amount_usd
    from refunded
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
