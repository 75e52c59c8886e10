with months as (
    select
        month,
        opening_usd,
        lag(outstanding_usd) over (order by month) as previous_usd,
        lag(month) over (order by month) as previous_month
    from {{ ref('referral_credit_balance_monthly') }}
)

select
    month,
    opening_usd,
    previous_usd
from months
where
    opening_usd <> coalesce(previous_usd, 0)
    or month <> {{ month_start(add_months('previous_month', 1)) }}
