-- One row per referred user: what the referrer was due and got for them, and what they have paid.
with referrals as (
    select * from {{ ref('int_referrals_resolved') }}
),

traced as (
    select * from {{ ref('int_referrals_traced') }}
),

rewards as (
    select * from {{ ref('int_referral_rewards_matched') }}
),

payments as (
    select * from {{ ref('int_user_payments_summed') }}
),

revenue as (
    select * from {{ ref('int_revenue_entries') }}
),

early_proceeds as (
    select
        referrals.referred_user_id,
        sum(
            case
                when revenue.booked_at < {{ days_later('referrals.signed_up_at', 30) }}
                    then revenue.proceeds_usd
            end
        ) as proceeds_30d_usd,
        sum(revenue.proceeds_usd) as proceeds_90d_usd
    from referrals
    inner join revenue on referrals.referred_user_id = revenue.user_id
    where {{ within_days('revenue.booked_at', 'referrals.signed_up_at', 90) }}
    group by referrals.referred_user_id
),

judged as (
    select
        referrals.*,
        traced.depth,
        traced.root_user_id,
        referrals.referrer_user_id is not null
        and not referrals.is_self_referral
        and traced.depth is null as is_cycle,
        payments.first_premium_at,
        coalesce(payments.proceeds_to_date_usd, 0) as proceeds_to_date_usd
    from referrals
    left join traced on referrals.referred_user_id = traced.referred_user_id
    left join payments on referrals.referred_user_id = payments.user_id
),

entitled as (
    select
        *,
        referrer_kind = 'user' and not is_self_referral and not is_cycle as may_be_rewarded
    from judged
),

final as (
    select
        entitled.referred_user_id,
        entitled.is_test,
        entitled.code,
        entitled.referrer_kind,
        entitled.referrer_user_id,
        entitled.partner_code,
        entitled.signed_up_at,
        entitled.referrer_signed_up_at,
        entitled.first_premium_at,
        entitled.depth,
        entitled.root_user_id,
        entitled.is_self_referral,
        entitled.is_cycle,
        rewards.reward_credit_id,
        coalesce(rewards.reward_credits, 0) as reward_credits,
        cast(
            case
                when entitled.may_be_rewarded and entitled.first_premium_at is not null
                    then {{ setting_on('referral_reward_usd', 'entitled.first_premium_at') }}
                else 0
            end as decimal(18, 4)
        ) as expected_reward_usd,
        coalesce(rewards.reward_usd, 0) as reward_usd,
        coalesce(rewards.used_usd, 0) as reward_used_usd,
        coalesce(rewards.misdirected_usd, 0) as misdirected_reward_usd,
        case
            when not entitled.may_be_rewarded or entitled.first_premium_at is null
                then
                    case
                        when rewards.reward_credits > 0 then 'ineligible'
                        when entitled.may_be_rewarded then 'pending'
                        else 'none'
                    end
            when rewards.reward_credits > 1 then 'duplicate'
            when rewards.credits_to_referrer = 1 then 'paid'
            else 'missing'
        end as reward_status,
        cast(
            case
                when entitled.referrer_kind = 'partner' and entitled.first_premium_at is not null
                    then {{ setting_on('partner_payout_usd', 'entitled.first_premium_at') }}
                else 0
            end as decimal(18, 4)
        ) as partner_payout_usd,
        cast(coalesce(early_proceeds.proceeds_30d_usd, 0) as decimal(18, 4)) as proceeds_30d_usd,
        cast(coalesce(early_proceeds.proceeds_90d_usd, 0) as decimal(18, 4)) as proceeds_90d_usd,
        entitled.proceeds_to_date_usd
    from entitled
    left join rewards on entitled.referred_user_id = rewards.referred_user_id
    left join early_proceeds on entitled.referred_user_id = early_proceeds.referred_user_id
)

select * from final
