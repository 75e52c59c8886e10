-- What each partner is owed for the last complete month.
select
    partner_code,
    strftime(month, '%Y-%m') as period,
    cast(payout_usd as decimal(18, 2)) as amount,
    'USD' as currency,
    partner_code || ' ' || strftime(month, '%Y-%m') as reference
from partner_payouts_monthly
where
    payout_usd > 0
    and month
    = (
        select max(month) from partner_payouts_monthly
        where month < $month_until and is_complete
    )
order by partner_code
