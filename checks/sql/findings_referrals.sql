-- name: reward_missing
-- area: referrals_and_discounts
-- asset: marts/fct_referrals
-- expects: every referral that went premium was rewarded
-- Who has closed the account can be given nothing; it was there when it was seen last.
with instants as (
    select closed_at as instant, user_id from marts.dim_users
    where is_closed
    union all
    select distinct as_of_at, null from marts.run_manifest
),

closed as (
    select
        user_id,
        max(if(user_id is null, instant, null)) over (
            order by instant, user_id nulls last rows between unbounded preceding and 1 preceding
        ) as last_seen_at
    from instants
    qualify user_id is not null
)

select
    'user_profile' as source_table,
    r.referred_user_id as source_id,
    r.referred_user_id as user_id,
    'Went premium by a user''s code, and the referrer has no reward' as explanation,
    r.expected_reward_usd as money_at_stake_usd
from marts.fct_referrals r
left join closed c on c.user_id = r.referrer_user_id
where r.reward_status = 'missing' and coalesce(r.first_premium_at <= c.last_seen_at, true)

-- name: reward_duplicate
-- area: referrals_and_discounts
-- asset: marts/fct_referrals
-- expects: at most one reward for a referred user
with rewards as (
    select
        c.*,
        row_number() over (
            partition by c.referred_user_id
            order by c.user_id = r.referrer_user_id desc, c.created_at, c.referral_credit_id
        ) as number
    from staging.stg_referral_credits c
    inner join marts.fct_referrals r on r.referred_user_id = c.referred_user_id
    where r.reward_status = 'duplicate'
)

select
    'referral_credits',
    referral_credit_id,
    user_id,
    'The referred user was rewarded before',
    amount_usd
from rewards
where number > 1

-- name: reward_ineligible
-- area: referrals_and_discounts
-- asset: marts/fct_referrals
-- expects: a reward only where a user's code brought a premium user
select
    'referral_credits',
    c.referral_credit_id,
    c.user_id,
    'Rewarded, though the rule expects none for this referral',
    c.amount_usd
from staging.stg_referral_credits c
inner join marts.fct_referrals r on r.referred_user_id = c.referred_user_id
where r.reward_status = 'ineligible'

-- name: reward_without_referral
-- area: referrals_and_discounts
-- asset: marts/fct_referrals
-- expects: every reward names a user who came by a code
select
    'referral_credits',
    c.referral_credit_id,
    c.user_id,
    'Rewarded for a user who came by no code',
    c.amount_usd
from staging.stg_referral_credits c
left join marts.fct_referrals r on r.referred_user_id = c.referred_user_id
where
    r.referred_user_id is null
    and (c.referred_user_id is not null or c.source = 'user_referral')

-- name: reward_not_as_expected
-- area: referrals_and_discounts
-- asset: marts/fct_referrals
-- expects: a reward goes to the referrer, in the agreed amount
select
    'referral_credits',
    c.referral_credit_id,
    c.user_id,
    if(
        c.user_id is distinct from r.referrer_user_id,
        'The reward went to another user than the referrer',
        'The reward is not of the agreed amount'
    ),
    c.amount_usd
from staging.stg_referral_credits c
inner join marts.fct_referrals r on r.referred_user_id = c.referred_user_id
where
    r.expected_reward_usd > 0
    and (c.user_id is distinct from r.referrer_user_id or c.amount_usd <> r.expected_reward_usd)

-- name: self_referral
-- area: referrals_and_discounts
-- asset: marts/fct_referrals
-- expects: nobody signs up with their own code
select
    'user_profile',
    referred_user_id,
    referred_user_id,
    'Signed up with their own code: no reward, no depth',
    expected_reward_usd
from marts.fct_referrals
where is_self_referral

-- name: referral_cycle
-- area: referrals_and_discounts
-- asset: marts/fct_referrals
-- expects: no user is referred, directly or through others, by those they referred
select
    'user_profile',
    referred_user_id,
    referred_user_id,
    'Stands on a ring of referrals or below one: no reward, no depth',
    expected_reward_usd
from marts.fct_referrals
where is_cycle and not is_self_referral

-- name: unknown_code
-- area: referrals_and_discounts
-- asset: marts/fct_referrals
-- expects: every code used at sign-up belongs to someone
select
    'user_profile',
    referred_user_id,
    referred_user_id,
    'The code used at sign-up is nobody''s',
    cast(0 as decimal(18, 4))
from marts.fct_referrals
where referrer_kind = 'unknown_code'

-- name: discount_of_another_cohort
-- area: referrals_and_discounts
-- asset: marts/fct_discount_assignments
-- expects: a cohort's code goes to its members only
with memberships as (
    select user_id, cohort_id from raw.user_cohorts
    union
    select user_id, cohort_id from history.user_cohorts
)

select
    'user_discounts',
    d.id,
    d.user_id,
    'The code belongs to a cohort in which the user never was',
    a.discount_usd
from raw.user_discounts d
inner join raw.discount_codes c on c.id = d.discount_code_id
left join memberships m on m.user_id = d.user_id and m.cohort_id = c.cohort_id
left join marts.fct_discount_assignments a
    on a.user_id = d.user_id and a.discount_code = trim(c.code)
where c.cohort_id is not null and m.user_id is null

-- name: cohort_reassigned
-- area: referrals_and_discounts
-- asset: marts/cohort_performance
-- expects: users stay in the cohort to which they were first assigned
select
    'user_cohorts',
    max_by(id, _seen_at),
    user_id,
    'Was moved to another cohort: analysed by the first',
    cast(0 as decimal(18, 4))
from history.user_cohorts
group by user_id
having count(distinct cohort_id) > 1
