with clock as (
    select * from {{ ref('int_clock') }}
),

events as (
    select cast(signed_up_at as date) as event_date from {{ ref('stg_user_profile') }}
    union
    select cast(transacted_at as date) as event_date from {{ ref('int_receipts_judged') }}
    union
    select cast(created_at as date) as event_date from {{ ref('stg_subscription_events') }}
),

-- A date before there were app stores is a fault of some clock, not the first event.
bounds as (
    select
        coalesce(min(events.event_date), max(clock.as_of_date)) as first_date,
        max(cast(clock.as_of_date + interval '1' year as date)) as last_date
    from clock
    left join events on events.event_date between date '2010-01-01' and clock.as_of_date
),

days as (
    select {{ days_through('first_date', 'last_date') }} as date
    from bounds
),

final as (
    select
        days.date,
        cast({{ start_of('week', 'days.date') }} as date) as week_start_date,
        {{ month_start('days.date') }} as month,
        extract(year from days.date) || '-Q' || extract(quarter from days.date) as quarter,
        cast(extract(year from days.date) as bigint) as year,
        {{ is_complete(month_start('days.date'), 'month', waits_for_grace=true) }}
            as is_complete_month
    from days
    cross join clock
)

select * from final
