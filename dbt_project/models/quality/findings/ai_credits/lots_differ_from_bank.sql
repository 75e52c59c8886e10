-- What no pack explains, or what never arrived, may lie between the two.
with {{ usual_credit_price() }},

remaining as (
    select
        user_id,
        sum(remaining_credits) as credits
    from {{ ref('fct_credit_lots') }}
    group by user_id
),

compared as (
    select
        b.user_id,
        b.bank_remaining_credits - coalesce(r.credits, 0) as difference,
        least(0, b.unexplained_credits) as lowest,
        greatest(0, b.unexplained_credits) as highest
    from {{ ref('credit_balances') }} as b
    left join remaining as r on b.user_id = r.user_id
    where not b.is_test and not b.is_reconciled
)

select
    'ai_usage' as source_table,
    u.id as source_id,
    u.user_id,
    concat(
        'The bank has ', abs(c.difference), if(c.difference > 0, ' credits more', ' credits less'),
        ' left than the lots: use or a correction that no version shows'
    ) as explanation,
    cast(
        greatest(c.difference - c.highest, c.lowest - c.difference) * p.usual_price_usd
        as decimal(18, 4)
    ) as money_at_stake_usd
from compared as c
inner join {{ source('raw', 'ai_usage') }} as u on c.user_id = u.user_id
cross join prices as p
where c.difference not between c.lowest and c.highest
