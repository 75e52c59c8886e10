-- One row per referred user who cost something (reward credits given, partner's payout) and whose
-- proceeds since sign-up have once reached that cost: when they first did.
with referrals as (
    select
        referred_user_id,
        signed_up_at,
        reward_usd + partner_payout_usd as cost_usd
    from {{ ref('int_referrals_rewarded') }}
    where not is_test and reward_usd + partner_payout_usd > 0
),

revenue as (
    select * from {{ ref('int_revenue_entries') }}
),

accumulated as (
    select
        referrals.referred_user_id,
        referrals.signed_up_at,
        referrals.cost_usd,
        revenue.booked_at,
        sum(revenue.proceeds_usd) over (
            partition by referrals.referred_user_id
            order by revenue.booked_at, revenue.entry_id
            rows between unbounded preceding and current row
        ) as earned_usd
    from referrals
    inner join revenue
        on
            referrals.referred_user_id = revenue.user_id
            and referrals.signed_up_at <= revenue.booked_at
),

final as (
    select
        referred_user_id,
        signed_up_at,
        cost_usd,
        min(booked_at) as repaid_at,
        cast({{ seconds_between('signed_up_at', 'min(booked_at)') }} as {{ type_double() }}) / 86400
            as payback_days
    from accumulated
    where earned_usd >= cost_usd
    group by referred_user_id, signed_up_at, cost_usd
)

select * from final
