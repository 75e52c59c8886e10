with months as (
    select
        partner_code,
        sum(signups) as signups,
        sum(payout_usd) as payout_usd
    from {{ ref('partner_payouts_monthly') }}
    group by partner_code
),

referrals as (
    select
        signed_up.partner_code,
        count(*) as signups,
        sum(signed_up.partner_payout_usd) as payout_usd
    from {{ ref('fct_referrals') }} as signed_up
    cross join {{ ref('int_clock') }} as clock
    where
        not signed_up.is_test
        and signed_up.referrer_kind = 'partner'
        and signed_up.signed_up_at <= clock.as_of_at
    group by signed_up.partner_code
)

select
    coalesce(months.partner_code, referrals.partner_code) as partner_code,
    months.payout_usd,
    referrals.payout_usd as expected_usd
from months
full outer join referrals on months.partner_code = referrals.partner_code
where
    months.signups is distinct from referrals.signups
    or months.payout_usd is distinct from referrals.payout_usd
