with clock as (
    select * from {{ ref('int_clock') }}
),

users as (
    select users.*
    from {{ ref('dim_users') }} as users
    cross join clock
    where not users.is_test and users.signed_up_at <= clock.as_of_at
),

referrals as (
    select referrals.*
    from {{ ref('fct_referrals') }} as referrals
    cross join clock
    where not referrals.is_test and referrals.signed_up_at <= clock.as_of_at
),

repaid as (
    select * from {{ ref('int_referrals_repaid') }}
),

cohorts as (
    select
        {{ month_start('signed_up_at') }} as signup_month,
        count(*) as users,
        max(signed_up_at) as last_signed_up_at,
        count(case when referrer_kind is null then 1 end) as organic_users,
        count(case when referrer_kind is null then first_premium_at end) as organic_premium
    from users
    group by {{ month_start('signed_up_at') }}
),

-- By the referrer's month: whom its members brought.
brought as (
    select
        {{ month_start('referrer_signed_up_at') }} as signup_month,
        count(distinct referrer_user_id) as referrers,
        count(
            case
                when
                    signed_up_at >= referrer_signed_up_at
                    and signed_up_at < {{ days_later(
                        'referrer_signed_up_at', var('referral_window_days')
                    ) }}
                    then 1
            end
        ) as referred_signups
    from referrals
    where referrer_signed_up_at is not null and not is_self_referral and not is_cycle
    group by {{ month_start('referrer_signed_up_at') }}
),

-- By the referred user's own month: what became of those who came by a code.
came as (
    select
        {{ month_start('referrals.signed_up_at') }} as signup_month,
        count(*) as referred_users,
        count(referrals.first_premium_at) as referred_premium,
        cast(sum(referrals.reward_usd) as decimal(18, 4)) as rewards_usd,
        cast(sum(referrals.reward_used_usd) as decimal(18, 4)) as rewards_used_usd,
        cast(sum(referrals.partner_payout_usd) as decimal(18, 4)) as payouts_usd,
        cast(sum(referrals.proceeds_to_date_usd) as decimal(18, 4)) as referred_proceeds_usd,
        count(repaid.referred_user_id) as repaid_users,
        {{ median_of('repaid.payback_days') }} as payback_days_median
    from referrals
    left join repaid on referrals.referred_user_id = repaid.referred_user_id
    group by {{ month_start('referrals.signed_up_at') }}
),

joined as (
    select
        cohorts.signup_month,
        cohorts.users,
        cohorts.organic_users,
        cohorts.organic_premium,
        cohorts.signup_month < clock.as_of_month
        and {{ days_later('cohorts.last_signed_up_at', var('referral_window_days')) }}
        <= clock.as_of_at as is_complete,
        coalesce(brought.referrers, 0) as referrers,
        coalesce(brought.referred_signups, 0) as referred_signups,
        coalesce(came.referred_users, 0) as referred_users,
        coalesce(came.referred_premium, 0) as referred_premium,
        coalesce(came.rewards_usd, 0) as rewards_usd,
        coalesce(came.rewards_used_usd, 0) as rewards_used_usd,
        coalesce(came.payouts_usd, 0) as payouts_usd,
        coalesce(came.referred_proceeds_usd, 0) as referred_proceeds_usd,
        coalesce(came.repaid_users, 0) as repaid_users,
        came.payback_days_median
    from cohorts
    cross join clock
    left join brought on cohorts.signup_month = brought.signup_month
    left join came on cohorts.signup_month = came.signup_month
),

rated as (
    select
        joined.*,
        {{ ratio('joined.referred_signups', 'joined.users') }} as k_factor,
        cast({{ var('referral_window_days') }} as bigint) as referral_window_days,
        {{ ratio('joined.referred_premium', 'joined.referred_users') }} as referred_conversion_rate,
        {{ wilson_low('joined.referred_premium', 'joined.referred_users') }}
            as referred_conversion_rate_low,
        {{ wilson_high('joined.referred_premium', 'joined.referred_users') }}
            as referred_conversion_rate_high,
        {{ ratio('joined.organic_premium', 'joined.organic_users') }} as organic_conversion_rate,
        {{ wilson_low('joined.organic_premium', 'joined.organic_users') }}
            as organic_conversion_rate_low,
        {{ wilson_high('joined.organic_premium', 'joined.organic_users') }}
            as organic_conversion_rate_high
    from joined
),

final as (
    select
        *,
        referred_conversion_rate - organic_conversion_rate as conversion_difference,
        {{ newcombe_low('referred_conversion_rate', 'organic_conversion_rate') }}
            as conversion_difference_low,
        {{ newcombe_high('referred_conversion_rate', 'organic_conversion_rate') }}
            as conversion_difference_high
    from rated
)

select * from final
order by signup_month
