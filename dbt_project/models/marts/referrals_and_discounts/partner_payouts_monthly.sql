with referrals as (
    select * from {{ ref('fct_referrals') }}
    where not is_test and referrer_kind = 'partner'
),

steps as (
    select
        {{ month_start('signed_up_at') }} as month,
        partner_code,
        1 as signups,
        0 as premium_signups,
        0 as payout_usd
    from referrals
    union all
    select
        {{ month_start('first_premium_at') }} as month,
        partner_code,
        0 as signups,
        1 as premium_signups,
        partner_payout_usd as payout_usd
    from referrals
    where first_premium_at is not null
),

final as (
    select
        month,
        partner_code,
        cast(sum(signups) as bigint) as signups,
        cast(sum(premium_signups) as bigint) as premium_signups,
        cast(sum(payout_usd) as decimal(18, 4)) as payout_usd
    from steps
    group by month, partner_code
)

select * from final
order by month, partner_code
