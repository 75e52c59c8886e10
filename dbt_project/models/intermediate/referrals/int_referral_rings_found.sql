{#- Doublings: 2^20 steps, more than there are users on or below rings. -#}
{%- set doublings = 20 -%}
-- One row per user on a ring of referrals or below one: the ring, named by its least user, and
-- whether they stand on it. Who is reached from no root has a ring above, and each has one
-- referrer: going up 2^k steps, k times doubled, ends on the ring, and all of a ring are somebody's
-- end.
{%- set ringed -%}
    -- least_user_id: the least of the users that were passed, the one at the start included.
    select
        referrals.referred_user_id as user_id,
        referrals.referrer_user_id as above_user_id,
        referrals.referred_user_id as least_user_id
    from {{ ref('int_referrals_resolved') }} as referrals
    left join {{ ref('int_referrals_traced') }} as traced
        on referrals.referred_user_id = traced.referred_user_id
    where
        referrals.referrer_user_id is not null
        and not referrals.is_self_referral
        and traced.referred_user_id is null
{%- endset %}
with {{ kept_rows('steps_0', ringed) }},

{% for step in range(1, doublings + 1) -%}
    {%- set before = "steps_" ~ (step - 1) -%}
    {%- set doubled -%}
        select
            lower_half.user_id,
            upper_half.above_user_id,
            least(lower_half.least_user_id, upper_half.least_user_id) as least_user_id
        from {{ before }} as lower_half
        inner join {{ before }} as upper_half
            on lower_half.above_user_id = upper_half.user_id
    {%- endset %}
    {{ kept_rows("steps_" ~ step, doubled, reading=[before]) }},

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
