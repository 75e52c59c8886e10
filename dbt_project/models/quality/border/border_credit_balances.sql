with seen as (
    select
        id,
        weekly_reset_date,
        max(weekly_limit_credits) as highest_limit
    from {{ source('history', 'ai_usage') }}
    where _op <> 'delete'
    group by all
),

leaving as (
    select distinct u.id
    from {{ source('raw', 'ai_usage') }} as u
    inner join {{ source('raw', 'subscriptions') }} as s on u.user_id = s.user_id
    where s.expires_at between u.weekly_reset_date - interval 7 day and u.weekly_reset_date
),

refunded as (
    select
        user_id,
        sum(credits_amount) as credits
    from {{ source('raw', 'ai_credit_purchases') }}
    where {{ purchase_status('status') }} = 'refunded'
    group by user_id
)

select
    'ai_usage' as source_table,
    u.id as source_id,
    u.user_id,
    least(
        u.weekly_limit_credits, u.weekly_used_credits, u.bank_limit_credits, u.bank_used_credits
    ) as lowest_credits,
    u.weekly_used_credits::hugeint - {{ var('overshoot_credits') }} - greatest(
        u.weekly_limit_credits,
        coalesce(s.highest_limit, 0),
        if(l.id is null, 0, {{ var('premium_weekly_credits') }})
    ) as weekly_credits_beyond,
    u.bank_used_credits::hugeint - u.bank_limit_credits - coalesce(r.credits, 0)
    - {{ var('overshoot_credits') }} as bank_credits_beyond,
    case
        when u.weekly_reset_date is null and u.weekly_limit_credits > 0 then 'absent'
        when u.weekly_reset_date < u.updated_at then 'overdue'
        when
            u.weekly_reset_date + to_days({{ var('reset_overdue_days') }})
            < (select clock.as_of_at from {{ ref('int_clock') }} as clock) then 'overdue'
        else 'ahead'
    end as reset
from {{ source('raw', 'ai_usage') }} as u
left join seen as s on u.id = s.id and s.weekly_reset_date is not distinct from u.weekly_reset_date
left join leaving as l on u.id = l.id
left join refunded as r on u.user_id = r.user_id
