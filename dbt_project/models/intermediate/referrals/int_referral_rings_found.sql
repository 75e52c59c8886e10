{#- Doublings: 2^20 steps, more than there are users on or below rings. -#}
{%- set doublings = 20 -%}
-- One row per user on a ring of referrals or below one: the ring, named by its least user, and
-- whether they stand on it. Who is reached from no root has a ring above, and each has one
-- referrer: going up 2^k steps, k times doubled, ends on the ring, and all of a ring are somebody's
-- end.
with referrals as (
    select * from {{ ref('int_referrals_resolved') }}
    where referrer_user_id is not null and not is_self_referral
),

traced as (
    select * from {{ ref('int_referrals_traced') }}
),

ringed as (
    select
        referrals.referred_user_id as user_id,
        referrals.referrer_user_id as above_user_id
    from referrals
    left join traced on referrals.referred_user_id = traced.referred_user_id
    where traced.referred_user_id is null
),

-- least_user_id: the least of the users that were passed, the one at the start included.
steps_0 as {{ computed_once() }} (
    select
        user_id,
        above_user_id,
        user_id as least_user_id
    from ringed
),

{% for step in range(1, doublings + 1) -%}
    steps_{{ step }} as {{ computed_once() }} (
        select
            lower_half.user_id,
            upper_half.above_user_id,
            least(lower_half.least_user_id, upper_half.least_user_id) as least_user_id
        from steps_{{ step - 1 }} as lower_half
        inner join steps_{{ step - 1 }} as upper_half
            on lower_half.above_user_id = upper_half.user_id
    ),

{% endfor -%}

ends as (
    select distinct above_user_id as user_id
    from steps_{{ doublings }}
),

final as (
    select
        steps.user_id,
        around.least_user_id as ring_id,
        ends.user_id is not null as is_on_ring
    from steps_{{ doublings }} as steps
    inner join steps_{{ doublings }} as around on steps.above_user_id = around.user_id
    left join ends on steps.user_id = ends.user_id
)

select * from final
