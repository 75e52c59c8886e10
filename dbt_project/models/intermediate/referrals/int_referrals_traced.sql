-- One row per referred user whose chain of referrers ends at a root, a user whom no other user
-- referred: that root and the number of steps from it. The recursion walks from the roots down.
-- Each user has one referrer at most, so a ring has no way in: nobody on or below one is
-- reached, no user is reached twice, and it ends by itself after the longest chain.
with recursive referrals as (
    select
        referred_user_id,
        referrer_user_id
    from {{ ref('int_referrals_resolved') }}
    where referrer_user_id is not null and not is_self_referral
),

traced (referred_user_id, root_user_id, depth) as (
    select
        referrals.referred_user_id,
        referrals.referrer_user_id as root_user_id,
        cast(1 as bigint) as depth
    from referrals
    left join referrals as above on referrals.referrer_user_id = above.referred_user_id
    where above.referred_user_id is null
    union all
    select
        referrals.referred_user_id,
        traced.root_user_id,
        traced.depth + 1 as depth
    from traced
    inner join referrals on traced.referred_user_id = referrals.referrer_user_id
),

final as (
    select * from traced
)

select * from final
