with clock as (
    select * from {{ ref('int_clock') }}
),

changes as (
    select
        user_id,
        cast(changed_at as date) as date,
        state,
        mrr_usd,
        lag(state) over user_changes as state_before,
        lag(mrr_usd) over user_changes as mrr_before_usd
    from {{ ref('int_subscription_states') }}
    window user_changes as (partition by user_id order by changed_at)
),

steps as (
    select
        date,
        state,
        1 as customers,
        mrr_usd
    from changes
    where state is not null
    union all
    select
        date,
        state_before as state,
        -1 as customers,
        -mrr_before_usd as mrr_usd
    from changes
    where state_before is not null
),

sums as (
    select
        date,
        state,
        sum(customers) as customers,
        sum(mrr_usd) as mrr_usd
    from steps
    group by date, state
),

span as (
    select min(date) as first_date
    from steps
    having count(*) > 0
),

states as (
    select named.state
    from (values ('active_renewing'), ('active_canceling'), ('grace'), ('trial')) as named (state)
),

days as (
    select {{ days_through('span.first_date', 'clock.as_of_date') }} as date
    from span
    cross join clock
),

final as (
    select
        days.date,
        states.state,
        cast(sum(coalesce(sums.customers, 0)) over so_far as bigint) as customers,
        cast(sum(coalesce(sums.mrr_usd, 0)) over so_far as decimal(18, 4)) as mrr_usd,
        {{ is_complete('days.date', 'day', waits_for_grace=true) }} as is_complete
    from days
    cross join states
    cross join clock
    left join sums on days.date = sums.date and states.state = sums.state
    window
        so_far as (
            partition by states.state
            order by days.date
            rows between unbounded preceding and current row
        )
    order by days.date, states.state
)

select * from final
