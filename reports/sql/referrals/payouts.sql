-- What partners are owed, newest month first.
select
    month,
    partner_code,
    signups,
    premium_signups,
    payout_usd,
    is_complete
from partner_payouts_monthly
where month < $month_until
order by month desc, payout_usd desc, partner_code
limit 200
