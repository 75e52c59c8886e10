with versions as (
    select
        id,
        user_id,
        bank_used_credits,
        lag(bank_used_credits)
            over (partition by id order by _seen_at, updated_at)
            as previous_credits
    from {{ source('history', 'ai_usage') }}
    where _op <> 'delete'
)

select
    'ai_usage' as source_table,
    id as source_id,
    user_id,
    concat('The bank counter fell by ', max(previous_credits - bank_used_credits)) as explanation,
    cast(0 as decimal(18, 4)) as money_at_stake_usd
from versions
where bank_used_credits < previous_credits
group by id, user_id
