-- A refund may leave a pack's credits in the bank or take them, whole or what is left of them; test
-- users' packs are no lots. What packs that do not count put into it is at stake with their
-- receipts.
with {{ usual_credit_price() }},

refunded as (
    select
        user_id,
        sum(credits) as credits
    from {{ ref('fct_credit_lots') }}
    where is_refunded
    group by user_id
),

uncounted as (
    select
        user_id,
        sum(credits) as credits
    from {{ ref('int_receipts_judged') }}
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
    from {{ ref('credit_balances') }} as b
    left join refunded as r on b.user_id = r.user_id
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
from gaps as g
left join uncounted as n on g.user_id = n.user_id
inner join {{ source('raw', 'ai_usage') }} as u on g.user_id = u.user_id
cross join prices as p
where g.credits <> 0
