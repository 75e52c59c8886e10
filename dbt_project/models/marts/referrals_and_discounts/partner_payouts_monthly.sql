with clock as (
    select * from {{ ref('int_clock') }}
),

referrals as (
    select referrals.*
    from {{ ref('fct_referrals') }} as referrals
    cross join clock
    where
        not referrals.is_test
        and referrals.referrer_kind = 'partner'
        and referrals.signed_up_at <= clock.as_of_at
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

summed as (
    select
        month,
        partner_code,
        cast(sum(signups) as bigint) as signups,
        cast(sum(premium_signups) as bigint) as premium_signups,
        cast(sum(payout_usd) as decimal(18, 4)) as payout_usd
    from steps
    group by month, partner_code
),

final as (
    select
        summed.*,
        {{ is_complete('summed.month', 'month', waits_for_grace=true) }} as is_complete
    from summed
    cross join clock
)

select * from final
order by month, partner_code
