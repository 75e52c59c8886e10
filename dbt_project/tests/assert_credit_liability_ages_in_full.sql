with aged as (
    select
        month,
        sum(outstanding_credits) as outstanding_credits,
        sum(liability_usd) as liability_usd
    from {{ ref('credit_liability_ageing_monthly') }}
    group by month
)

select months.month
from {{ ref('credit_liability_monthly') }} as months
left join aged on months.month = aged.month
where
    months.outstanding_credits is distinct from aged.outstanding_credits
    or months.liability_usd is distinct from aged.liability_usd
