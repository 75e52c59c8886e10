-- name: unexplained_credits
-- area: ai_credits
-- asset: marts/credit_balances
-- expects: the bank total is the sum of the packs that count
-- A refund may leave a pack's credits in the bank or take them, whole or what is left of them; test
-- users' packs are no lots. What packs that do not count put into it is at stake with their receipts.
with prices as (
    -- The middle one: a single absurd amount must not weigh on all.
    select quantile_disc(unit_price_usd, 0.5) as usual_price_usd from marts.fct_credit_lots
),

refunded as (
    select user_id, sum(credits) as credits
    from marts.fct_credit_lots
    where is_refunded
    group by user_id
),

uncounted as (
    select user_id, sum(credits) as credits
    from intermediate.int_receipts_judged
    where product_kind = 'ai_credits' and verdict not in ('counted', 'not_a_sale') and paid_usd > 0
    group by user_id
),

gaps as (
    select
        b.user_id,
        if(
            b.unexplained_credits < 0,
            b.unexplained_credits,
            greatest(0, b.unexplained_credits - coalesce(r.credits, 0))
        ) as credits
    from marts.credit_balances b
    left join refunded r on r.user_id = b.user_id
    where not b.is_test
)

select
    'ai_usage' as source_table,
    u.id as source_id,
    u.user_id,
    concat(
        'The bank holds ', abs(g.credits),
        if(g.credits > 0, ' credits more', ' credits less'),
        ' than packs that count explain: no revenue either way'
    ) as explanation,
    cast(
        if(g.credits > 0, greatest(0, g.credits - coalesce(n.credits, 0)), -g.credits)
        * p.usual_price_usd as decimal(18, 4)
    ) as money_at_stake_usd
from gaps g
left join uncounted n on n.user_id = g.user_id
inner join raw.ai_usage u on u.user_id = g.user_id
cross join prices p
where g.credits <> 0

-- name: lots_differ_from_bank
-- area: ai_credits
-- asset: marts/fct_credit_lots
-- expects: what lots have left is what the bank has left
-- What no pack explains, or what never arrived, may lie between the two.
with prices as (
    select quantile_disc(unit_price_usd, 0.5) as usual_price_usd from marts.fct_credit_lots
),

remaining as (
    select user_id, sum(remaining_credits) as credits
    from marts.fct_credit_lots
    group by user_id
),

compared as (
    select
        b.user_id,
        b.bank_remaining_credits - coalesce(r.credits, 0) as difference,
        least(0, b.unexplained_credits) as lowest,
        greatest(0, b.unexplained_credits) as highest
    from marts.credit_balances b
    left join remaining r on r.user_id = b.user_id
    where not b.is_test and not b.is_reconciled
)

select
    'ai_usage',
    u.id,
    u.user_id,
    concat(
        'The bank has ', abs(c.difference), if(c.difference > 0, ' credits more', ' credits less'),
        ' left than the lots: use or a correction that no version shows'
    ),
    cast(
        greatest(c.difference - c.highest, c.lowest - c.difference) * p.usual_price_usd
        as decimal(18, 4)
    )
from compared c
inner join raw.ai_usage u on u.user_id = c.user_id
cross join prices p
where c.difference not between c.lowest and c.highest

-- name: bank_counter_falls
-- area: ai_credits
-- asset: marts/fct_credit_consumption
-- expects: what was spent from the bank never falls
with versions as (
    select
        id,
        user_id,
        bank_used_credits,
        lag(bank_used_credits) over (partition by id order by _seen_at, updated_at) as previous_credits
    from history.ai_usage
    where _op <> 'delete'
)

select
    'ai_usage',
    id,
    user_id,
    concat('The bank counter fell by ', max(previous_credits - bank_used_credits)),
    cast(0 as decimal(18, 4))
from versions
where bank_used_credits < previous_credits
group by id, user_id
