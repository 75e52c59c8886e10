-- name: credit_balances
-- Present balances, and whether more is used than a limit and one started turn allow. An
-- allowance seen higher in the same week, or ended with premium in it, still counts; so do the
-- credits of refunded packs, which a bank may take back below what was used.
with seen as (
    select id, weekly_reset_date, max(weekly_limit_credits) as highest_limit
    from history.ai_usage
    where _op <> 'delete'
    group by all
),

leaving as (
    select distinct u.id
    from raw.ai_usage u
    inner join raw.subscriptions s on s.user_id = u.user_id
    where s.expires_at between u.weekly_reset_date - interval 7 day and u.weekly_reset_date
),

refunded as (
    select user_id, sum(credits_amount) as credits
    from raw.ai_credit_purchases
    where lower(trim(status)) = 'refunded'
    group by user_id
)

select
    'ai_usage' as source_table,
    u.id as source_id,
    u.user_id,
    least(
        u.weekly_limit_credits, u.weekly_used_credits, u.bank_limit_credits, u.bank_used_credits
    ) as lowest_credits,
    if(
        u.weekly_used_credits > getvariable('overshoot_credits') + greatest(
            u.weekly_limit_credits,
            coalesce(s.highest_limit, 0),
            if(l.id is null, 0, getvariable('premium_weekly_credits'))
        ),
        'above',
        'within'
    ) as weekly_use,
    if(
        u.bank_used_credits > u.bank_limit_credits + coalesce(r.credits, 0)
            + getvariable('overshoot_credits'),
        'above',
        'within'
    ) as bank_use,
    case
        when u.weekly_reset_date is null and u.weekly_limit_credits > 0 then 'absent'
        when u.weekly_reset_date < u.updated_at then 'overdue'
        when u.weekly_reset_date + to_days(getvariable('reset_overdue_days'))
            < (select max(as_of_at) from meta.run_manifest) then 'overdue'
        else 'ahead'
    end as reset
from raw.ai_usage u
left join seen s on s.id = u.id and s.weekly_reset_date is not distinct from u.weekly_reset_date
left join leaving l on l.id = u.id
left join refunded r on r.user_id = u.user_id

-- name: referral_credits
-- Rewards for referrals.
select
    'referral_credits' as source_table,
    id as source_id,
    user_id,
    amount,
    if(used_at > expires_at, 'used after its end', 'in time') as use
from raw.referral_credits

-- name: accounts
-- Accounts and what they may do.
select
    'user_profile' as source_table,
    user_id as source_id,
    user_id,
    coalesce(nullif(lower(trim(role)), ''), 'absent') as role
from raw.user_profile

-- name: profiles
-- Accounts that have a code of their own.
select
    'user_profile' as source_table,
    user_id as source_id,
    user_id,
    if(regexp_full_match(trim(referral_code), '(?i)U[A-Z0-9]{6}'), 'as agreed', 'another shape')
        as referral_code
from raw.user_profile
where nullif(trim(referral_code), '') is not null

-- name: cohorts
-- Groups of users.
select
    'cohorts' as source_table,
    id as source_id,
    cast(null as uuid) as user_id,
    coalesce(nullif(lower(trim(cohort_type)), ''), 'absent') as cohort_type
from raw.cohorts

-- name: discount_codes
-- Codes that lower a price.
select
    'discount_codes' as source_table,
    id as source_id,
    referrer_user_id as user_id,
    coalesce(nullif(lower(trim(product_type)), ''), 'absent') as product_type
from raw.discount_codes

-- name: discounts
-- Codes handed to users.
select
    'user_discounts' as source_table,
    id as source_id,
    user_id,
    if(used_at > expires_at, 'used after its end', 'in time') as use
from raw.user_discounts
