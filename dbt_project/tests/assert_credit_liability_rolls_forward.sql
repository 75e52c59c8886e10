with months as (
    select
        *,
        lag(month) over (order by month) as previous_month,
        coalesce(lag(outstanding_credits) over (order by month), 0) as opening_credits,
        coalesce(lag(liability_usd) over (order by month), 0) as opening_usd
    from {{ ref('credit_liability_monthly') }}
)

select month
from months
where
    outstanding_credits
    <> opening_credits + purchased_credits - consumed_credits - revoked_credits - debt_credits
    or liability_usd <> opening_usd + purchased_usd - recognised_usd - refunded_usd
    or previous_month + interval '1' month <> month
