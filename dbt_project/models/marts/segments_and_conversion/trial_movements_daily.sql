with clock as (
    select * from {{ ref('int_clock') }}
),

trials as (
    select * from {{ ref('int_trials') }}
),

gains as (
    select * from {{ ref('int_mrr_movements') }}
    where mrr_before_usd = 0
),

direct as (
    select gains.movement_at
    from gains
    left join trials
        on gains.user_id = trials.user_id and gains.movement_number = trials.movement_number
    where trials.user_id is null
),

moments as (
    select
        started_at as happened_at,
        'started' as moment
    from trials
    union all
    select
        converted_at as happened_at,
        'converted' as moment
    from trials
    union all
    select
        lapsed_at as happened_at,
        'lapsed' as moment
    from trials
    union all
    select
        cancel_intent_at as happened_at,
        'canceled' as moment
    from trials
    union all
    select
        movement_at as happened_at,
        'direct' as moment
    from direct
),

flows as (
    select
        cast(happened_at as date) as date,
        count(case when moment = 'started' then 1 end) as started,
        count(case when moment = 'converted' then 1 end) as converted,
        count(case when moment = 'lapsed' then 1 end) as lapsed,
        count(case when moment = 'canceled' then 1 end) as canceled,
        count(case when moment = 'direct' then 1 end) as direct_payers
    from moments
    where happened_at is not null
    group by cast(happened_at as date)
),

span as (
    select min(date) as first_date
    from flows
    having count(*) > 0
),

days as (
    select {{ days_through('span.first_date', 'clock.as_of_date') }} as date
    from span
    cross join clock
),

filled as (
    select
        days.date,
        coalesce(flows.started, 0) as started,
        coalesce(flows.converted, 0) as converted,
        coalesce(flows.lapsed, 0) as lapsed,
        coalesce(flows.canceled, 0) as canceled,
        coalesce(flows.direct_payers, 0) as direct_payers
    from days
    left join flows on days.date = flows.date
),

balanced as (
    select
        *,
        sum(started - converted - lapsed) over (
            order by date rows between unbounded preceding and current row
        ) as closing_trials
    from filled
),

final as (
    select
        balanced.date,
        cast(
            balanced.closing_trials - balanced.started + balanced.converted + balanced.lapsed
            as bigint
        ) as opening_trials,
        cast(balanced.started as bigint) as started,
        cast(balanced.converted as bigint) as converted,
        cast(balanced.lapsed as bigint) as lapsed,
        cast(balanced.closing_trials as bigint) as closing_trials,
        cast(balanced.canceled as bigint) as canceled,
        cast(balanced.direct_payers as bigint) as direct_payers,
        {{ is_complete("balanced.date", "day", waits_for_grace=true) }} as is_complete
    from balanced
    cross join clock
    order by balanced.date
)

select * from final
