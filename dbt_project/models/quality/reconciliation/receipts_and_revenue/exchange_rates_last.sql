with clock as (
    select max(as_of_at) as as_of_at from {{ source('meta', 'run_manifest') }}
),

currencies as (
    select upper({{ stripped('p.currency') }}) as currency
    from {{ source('raw', 'ai_credit_purchases') }} as p
    cross join clock as c
    where
        p.amount_paid is not null
        and {{ stripped('p.currency') }} is not null
        and upper({{ stripped('p.currency') }}) <> 'USD'
        and p.created_at >= c.as_of_at - to_days(90)
    group by all
)

select
    c.currency,
    max(r.rate_date) as newest_rate,
    max(r.rate_date) + 31 as last_day_with_rate
from currencies as c
inner join {{ ref('int_fx_rates') }} as r on c.currency = r.currency
cross join clock as k
group by all
having last_day_with_rate < max(k.as_of_at) + to_days({{ var('rates_end_days') }})
order by all
