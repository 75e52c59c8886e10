with rings as (
    select * from {{ ref('int_referral_rings_found') }}
),

users as (
    select * from {{ ref('stg_user_profile') }}
),

final as (
    select
        rings.ring_id,
        rings.user_id,
        rings.is_on_ring,
        coalesce(users.is_test, false) as is_test
    from rings
    left join users on rings.user_id = users.user_id
)

select * from final
order by ring_id, user_id
