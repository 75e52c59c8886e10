-- name: unexplained_credits
-- area: ai_credits
-- asset: marts/credit_balances
-- expects: the bank total is the sum of the packs that count
with prices as (
    -- The middle one: a single absurd amount must not weigh on all.
    select quantile_disc(unit_price_usd, 0.5) as usual_price_usd from marts.fct_credit_lots
)

select
    'ai_usage' as source_table,
    u.id as source_id,
    u.user_id,
    concat(
        'The bank holds ', abs(b.unexplained_credits),
        if(b.unexplained_credits > 0, ' credits more', ' credits less'),
        ' than packs that count explain: no revenue either way'
    ) as explanation,
    cast(abs(b.unexplained_credits) * p.usual_price_usd as decimal(18, 4)) as money_at_stake_usd
from marts.credit_balances b
inner join raw.ai_usage u on u.user_id = b.user_id
cross join prices p
where b.unexplained_credits <> 0

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
