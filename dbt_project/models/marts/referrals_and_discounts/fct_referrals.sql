with referrals as (
    select * from {{ ref('int_referrals_rewarded') }}
),

users as (
    select * from {{ ref('int_user_attributes') }}
),

final as (
    select
        referrals.*,
        {{ user_dimensions('users', 'referrals.signed_up_at') }}
    from referrals
    left join users
        on {{ holds_at('users', 'referrals.referred_user_id', 'referrals.signed_up_at') }}
)

select * from final
order by signed_up_at, referred_user_id
