-- Who has closed the account can be given nothing; it was there when it was seen last.
with instants as (
    select
        closed_at as instant,
        user_id
    from {{ ref('dim_users') }}
    where is_closed
    union all
    select distinct
        as_of_at as instant,
        null as user_id
    from {{ ref('run_manifest') }}
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
from {{ ref('fct_referrals') }} as r
left join closed as c on r.referrer_user_id = c.user_id
where r.reward_status = 'missing' and coalesce(r.first_premium_at <= c.last_seen_at, true)
