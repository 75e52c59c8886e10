with clock as (
    select * from {{ ref('int_clock') }}
),

credits as (
    select * from {{ ref('stg_referral_credits') }}
),

users as (
    select * from {{ ref('stg_user_profile') }}
),

-- A credit ends once: by its use, even a late one, else by its expiry; never before it was earned.
lives as (
    select
        credits.amount_usd,
        credits.created_at as earned_at,
        case
            when credits.used_at <= clock.as_of_at
                then greatest(credits.used_at, credits.created_at)
        end as used_at,
        case
            when
                credits.expires_at <= clock.as_of_at
                and (credits.used_at is null or credits.used_at > clock.as_of_at)
                then greatest(credits.expires_at, credits.created_at)
        end as expired_at,
        credits.expires_at
    from credits
    cross join clock
    left join users on credits.user_id = users.user_id
    where not coalesce(users.is_test, false) and credits.created_at <= clock.as_of_at
),

movements as (
    select
        {{ month_start('earned_at') }} as month,
        amount_usd as earned_usd,
        0 as used_usd,
        0 as expired_usd,
        0 as used_after_expiry_usd
    from lives
    union all
    select
        {{ month_start('used_at') }} as month,
        0 as earned_usd,
        amount_usd as used_usd,
        0 as expired_usd,
        case when used_at >= expires_at then amount_usd else 0 end as used_after_expiry_usd
    from lives
    where used_at is not null
    union all
    select
        {{ month_start('expired_at') }} as month,
        0 as earned_usd,
        0 as used_usd,
        amount_usd as expired_usd,
        0 as used_after_expiry_usd
    from lives
    where expired_at is not null
),

months as (
    select {{ months_through('first.month', 'clock.as_of_month') }} as month
    from (select min(month) as month from movements) as first
    cross join clock
),

flows as (
    select
        months.month,
        sum(coalesce(movements.earned_usd, 0)) as earned_usd,
        sum(coalesce(movements.used_usd, 0)) as used_usd,
        sum(coalesce(movements.expired_usd, 0)) as expired_usd,
        sum(coalesce(movements.used_after_expiry_usd, 0)) as used_after_expiry_usd
    from months
    left join movements on months.month = movements.month
    group by months.month
),

balances as (
    select
        *,
        sum(earned_usd - used_usd - expired_usd) over (order by month) as outstanding_usd
    from flows
),

final as (
    select
        balances.month,
        cast(
            balances.outstanding_usd
            - balances.earned_usd
            + balances.used_usd
            + balances.expired_usd as decimal(18, 4)
        ) as opening_usd,
        cast(balances.earned_usd as decimal(18, 4)) as earned_usd,
        cast(balances.used_usd as decimal(18, 4)) as used_usd,
        cast(balances.expired_usd as decimal(18, 4)) as expired_usd,
        cast(balances.outstanding_usd as decimal(18, 4)) as outstanding_usd,
        cast(balances.used_after_expiry_usd as decimal(18, 4)) as used_after_expiry_usd,
        {{ is_complete('balances.month', 'month') }} as is_complete
    from balances
    cross join clock
)

select * from final
order by month
