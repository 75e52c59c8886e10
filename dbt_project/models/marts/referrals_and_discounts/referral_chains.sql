with referrals as (
    select * from {{ ref('fct_referrals') }}
    where not is_test and root_user_id is not null
),

test_users as (
    select user_id from {{ ref('stg_user_profile') }}
    where is_test
),

final as (
    select
        root_user_id,
        count(case when depth = 1 then 1 end) as direct_referrals,
        count(*) as chain_referrals,
        max(depth) as max_depth,
        cast(
            sum(case when depth = 1 then proceeds_to_date_usd else 0 end) as decimal(18, 4)
        ) as direct_proceeds_usd,
        cast(sum(proceeds_to_date_usd) as decimal(18, 4)) as chain_proceeds_usd
    from referrals
    where root_user_id not in (select test_users.user_id from test_users)
    group by root_user_id
)

select * from final
order by root_user_id
