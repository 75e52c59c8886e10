with recognition as (
    select coalesce(sum(billed_usd - recognised_usd), 0) as deferred_usd
    from {{ ref('revenue_recognition_monthly') }}
    where product_kind = 'ai_credits'
),

ledger as (
    select coalesce(sum(liability_usd), 0) as liability_usd
    from {{ ref('fct_credit_lots') }}
)

select
    recognition.deferred_usd,
    ledger.liability_usd
from recognition
cross join ledger
where recognition.deferred_usd <> ledger.liability_usd
