with used as (
    select
        user_id,
        sum(bank_consumed_credits) as used_credits
    from {{ ref('fct_credit_consumption') }}
    group by user_id
),

absorbed as (
    select
        user_id,
        sum(consumed_credits) as absorbed_credits
    from {{ ref('fct_credit_lots') }}
    group by user_id
)

select absorbed.*
from absorbed
left join used on absorbed.user_id = used.user_id
where absorbed.absorbed_credits > coalesce(used.used_credits, 0)
