with booked as (
    select
        revenue.user_id,
        sum(revenue.gross_usd) as gross_usd,
        sum(revenue.proceeds_usd) as proceeds_usd
    from {{ ref('fct_revenue') }} as revenue
    group by revenue.user_id
)

select
    users.user_id,
    users.paid_to_date_usd,
    booked.gross_usd,
    users.proceeds_to_date_usd,
    booked.proceeds_usd
from {{ ref('dim_users') }} as users
left join booked on users.user_id = booked.user_id
where
    users.paid_to_date_usd <> coalesce(booked.gross_usd, 0)
    or users.proceeds_to_date_usd <> coalesce(booked.proceeds_usd, 0)
