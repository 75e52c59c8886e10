with recorded as (
    select
        id,
        credits_amount
    from {{ source('raw', 'ai_credit_purchases') }}
    union all
    select
        gone.id,
        max_by(gone.credits_amount, gone._seen_at) as credits_amount
    from {{ source('past', 'ai_credit_purchases') }} as gone
    anti join {{ source('raw', 'ai_credit_purchases') }} as p on gone.id = p.id
    where gone._op = 'delete'
    group by gone.id
),

packs as (
    select
        r.receipt_id,
        case when r.credits_fault = 'credits_absurd' then null else p.credits_amount end
            as source_credits
    from {{ ref('int_receipts_judged') }} as r
    inner join recorded as p on r.source_id = p.id
    where r.verdict = 'counted' and r.source_table = 'ai_credit_purchases'
),

lots as (
    select
        receipt_id,
        sum(credits) as lot_credits
    from {{ ref('fct_credit_lots') }}
    group by receipt_id
)

select
    coalesce(packs.receipt_id, lots.receipt_id) as receipt_id,
    packs.source_credits,
    lots.lot_credits
from packs
full join lots on packs.receipt_id = lots.receipt_id
where
    (packs.receipt_id is null) <> (lots.receipt_id is null)
    or (packs.source_credits > 0 and packs.source_credits <> lots.lot_credits)
order by all
