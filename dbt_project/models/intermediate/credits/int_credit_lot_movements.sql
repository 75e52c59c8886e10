-- What happened to each lot, and when. Credits and amounts are positive; the type gives the sign:
-- purchase adds to what is owed, consume earns it, debt earns it for what was used before, refund
-- pays the price back, reverse takes back what had been earned of it, revoke takes the unused
-- credits. Earned money is the rounded running total's difference, so that a lot's months add up to
-- its price exactly. unobserved_credits: what of a consumption is of unknown age, seen by a first
-- version.
with lots as (
    select * from {{ ref('int_credit_lots') }}
),

draws as (
    select
        lot_id,
        drawn_at,
        is_debt,
        sum(drawn_credits) as drawn_credits,
        sum(case when is_first_version and not is_debt then drawn_credits else 0 end)
            as unobserved_credits
    from {{ ref('int_credit_draws') }}
    group by lot_id, drawn_at, is_debt
),

running as (
    select
        *,
        sum(drawn_credits) over (
            partition by lot_id order by drawn_at asc, is_debt desc rows unbounded preceding
        ) as given_credits
    from draws
),

given as (
    select
        running.lot_id,
        running.drawn_at as movement_at,
        case when running.is_debt then 'debt' else 'consume' end as movement_type,
        running.drawn_credits as credits,
        running.unobserved_credits,
        {{ usd_share('lots.paid_usd', 'running.given_credits', 'lots.credits') }}
        - {{ usd_share(
            'lots.paid_usd', '(running.given_credits - running.drawn_credits)', 'lots.credits'
        ) }} as amount_usd
    from running
    inner join lots on running.lot_id = lots.lot_id
),

earned as (
    select
        lot_id,
        sum(credits) as given_credits,
        sum(amount_usd) as earned_usd
    from given
    group by lot_id
),

refunded as (
    select
        lots.lot_id,
        lots.revoked_at,
        lots.paid_usd,
        lots.credits - coalesce(earned.given_credits, 0) as unused_credits,
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
        0 as unobserved_credits,
        paid_usd as amount_usd
    from lots
    union all
    select
        lot_id,
        movement_at,
        movement_type,
        credits,
        unobserved_credits,
        amount_usd
    from given
    union all
    select
        lot_id,
        revoked_at as movement_at,
        'revoke' as movement_type,
        unused_credits as credits,
        0 as unobserved_credits,
        0 as amount_usd
    from refunded
    union all
    select
        lot_id,
        revoked_at as movement_at,
        'reverse' as movement_type,
        0 as credits,
        0 as unobserved_credits,
        earned_usd as amount_usd
    from refunded
    union all
    select
        lot_id,
        revoked_at as movement_at,
        'refund' as movement_type,
        0 as credits,
        0 as unobserved_credits,
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
        cast(unobserved_credits as bigint) as unobserved_credits,
        cast(amount_usd as decimal(18, 4)) as amount_usd
    from moved
)

select * from final
