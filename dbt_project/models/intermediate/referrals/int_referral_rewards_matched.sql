-- One row per referred user for whom referral credits were given: how many, to whom, how much.
-- The credit that speaks for them is the referrer's own before anybody else's, then the oldest.
with clock as (
    select * from {{ ref('int_clock') }}
),

credits as (
    select * from {{ ref('stg_referral_credits') }}
    where referred_user_id is not null
),

referrals as (
    select * from {{ ref('int_referrals_resolved') }}
),

judged as (
    select
        credits.referral_credit_id,
        credits.referred_user_id,
        credits.amount_usd,
        credits.created_at,
        coalesce(credits.used_at <= clock.as_of_at, false) as is_used,
        coalesce(credits.user_id = referrals.referrer_user_id, false) as is_to_referrer
    from credits
    cross join clock
    left join referrals on credits.referred_user_id = referrals.referred_user_id
),

ranked as (
    select
        *,
        row_number() over (
            partition by referred_user_id
            order by is_to_referrer desc nulls last, created_at asc, referral_credit_id asc
        ) as place
    from judged
),

final as (
    select
        referred_user_id,
        {{ least_uuid('case when place = 1 then referral_credit_id end') }} as reward_credit_id,
        count(*) as reward_credits,
        sum(case when is_to_referrer then 1 else 0 end) as credits_to_referrer,
        cast(sum(amount_usd) as decimal(18, 4)) as reward_usd,
        cast(sum(case when is_used then amount_usd else 0 end) as decimal(18, 4)) as used_usd,
        cast(
            sum(case when is_to_referrer then 0 else amount_usd end) as decimal(18, 4)
        ) as misdirected_usd
    from ranked
    group by referred_user_id
)

select * from final
