with clock as (
    select * from {{ ref('int_clock') }}
),

users as (
    select
        profiles.user_id,
        profiles.signed_up_at,
        {{ month_start('profiles.signed_up_at') }} as signup_month
    from {{ ref('stg_user_profile') }} as profiles
    cross join clock
    where not profiles.is_test and profiles.signed_up_at <= clock.as_of_at
),

entries as (
    select
        users.user_id,
        users.signup_month,
        users.signed_up_at,
        revenue.booked_at,
        revenue.entry_type,
        revenue.gross_usd,
        revenue.proceeds_usd
    from users
    inner join {{ ref('fct_revenue') }} as revenue on users.user_id = revenue.user_id
    cross join clock
    where revenue.booked_at <= clock.as_of_at
),

windows as (
    select
        lengths.days as window_days,
        lengths.days * interval '1 day' as length
    from (values (7), (30), (90), (180), (365)) as lengths (days)
),

sizes as (
    select
        users.signup_month,
        windows.window_days,
        count(*) as users,
        count(
            case when users.signed_up_at + windows.length <= clock.as_of_at then 1 end
        ) as mature_users
    from users
    cross join windows
    cross join clock
    group by users.signup_month, windows.window_days
),

earned as (
    select
        entries.signup_month,
        windows.window_days,
        sum(entries.proceeds_usd) as proceeds_usd,
        count(
            distinct case
                when entries.entry_type = 'charge' and entries.gross_usd > 0 then entries.user_id
            end
        ) as payers
    from entries
    cross join windows
    cross join clock
    where
        entries.booked_at < entries.signed_up_at + windows.length
        and entries.signed_up_at + windows.length <= clock.as_of_at
    group by entries.signup_month, windows.window_days
),

realised as (
    select
        signup_month,
        sum(proceeds_usd) as proceeds_usd
    from entries
    group by signup_month
),

expected as (
    select
        users.signup_month,
        sum(payers.expected_proceeds_usd) as proceeds_usd,
        count(*) - count(payers.expected_proceeds_usd) as unforeseen_payers
    from users
    inner join
        {{ ref('int_subscription_expected_proceeds') }} as payers
        on users.user_id = payers.user_id
    group by users.signup_month
),

joined as (
    select
        sizes.*,
        clock.as_of_at,
        coalesce(earned.proceeds_usd, 0) as proceeds_usd,
        coalesce(earned.payers, 0) as payers,
        case
            when coalesce(expected.unforeseen_payers, 0) = 0
                then coalesce(realised.proceeds_usd, 0) + coalesce(expected.proceeds_usd, 0)
        end as predicted_proceeds_usd
    from sizes
    cross join clock
    left join earned
        on sizes.signup_month = earned.signup_month and sizes.window_days = earned.window_days
    left join realised on sizes.signup_month = realised.signup_month
    left join expected on sizes.signup_month = expected.signup_month
),

final as (
    select
        signup_month,
        cast(window_days as bigint) as window_days,
        cast(users as bigint) as users,
        cast(payers as bigint) as payers,
        cast(mature_users as bigint) as mature_users,
        cast(proceeds_usd as decimal(18, 4)) as proceeds_usd,
        {{ usd_share('proceeds_usd', 1, 'mature_users') }} as ltv_per_user_usd,
        {{ usd_share('proceeds_usd', 1, 'payers') }} as ltv_per_payer_usd,
        {{ usd_share('predicted_proceeds_usd', 1, 'users') }} as predicted_ltv_usd,
        mature_users = users
        and {{ add_months('signup_month', 1) }} <= as_of_at as is_complete
    from joined
    order by signup_month, window_days
)

select * from final
