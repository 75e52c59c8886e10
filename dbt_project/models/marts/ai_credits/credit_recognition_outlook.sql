with recursive clock as (
    select * from {{ ref('int_clock') }}
),

lots as (
    select * from {{ ref('int_credit_lots') }}
),

balances as (
    select * from {{ ref('fct_credit_lots') }}
    where remaining_credits > 0
),

intervals as (
    select * from {{ ref('int_credit_intervals') }}
    where not is_test
),

recent as (
    select
        intervals.user_id,
        greatest(min(intervals.observed_to_at), max(clock.as_of_at) - interval '28' day)
            as since_at,
        max(clock.as_of_at) as as_of_at,
        sum(
            case
                when
                    not intervals.is_first_version
                    and intervals.observed_to_at > clock.as_of_at - interval '28' day
                    then intervals.bank_consumed_credits
                else 0
            end
        ) as used_credits
    from intervals
    cross join clock
    group by intervals.user_id
),

pace as (
    select
        user_id,
        cast(used_credits as bigint) as used_credits,
        cast(
            greatest(7, ceil({{ hours_between('since_at', 'as_of_at') }} / 24)) as bigint
        ) as span_days
    from recent
    where used_credits > 0
),

queue as (
    select
        balances.*,
        sum(balances.remaining_credits) over (
            partition by balances.user_id order by lots.lot_number rows unbounded preceding
        ) as cumulative_credits
    from balances
    inner join lots on balances.lot_id = lots.lot_id
),

weeks as (
    select cast(1 as bigint) as week_number
    union all
    select week_number + 1 from weeks
    where week_number < 12
),

expected as (
    select
        weeks.week_number,
        queue.lot_id,
        queue.paid_usd,
        queue.credits,
        queue.consumed_credits + queue.debt_credits as given_credits,
        queue.recognised_usd,
        cast(
            greatest(
                0,
                least(
                    floor(
                        cast(pace.used_credits * 7.0 * weeks.week_number as {{ type_double() }})
                        / pace.span_days
                    )
                    - (queue.cumulative_credits - queue.remaining_credits),
                    queue.remaining_credits
                )
            ) as bigint
        ) as drawn_credits
    from queue
    inner join pace on queue.user_id = pace.user_id
    cross join weeks
),

totals as (
    select
        week_number,
        sum(drawn_credits) as drawn_credits,
        sum(
            {{ usd_share('paid_usd', '(given_credits + drawn_credits)', 'credits') }}
            - recognised_usd
        ) as earned_usd
    from expected
    group by week_number
),

owed as (
    select coalesce(sum(liability_usd), 0) as liability_usd from balances
),

final as (
    select
        weeks.week_number,
        cast(clock.as_of_date + (weeks.week_number - 1) * interval '7' day as date)
            as week_start_date,
        cast(
            coalesce(totals.drawn_credits, 0)
            - coalesce(lag(totals.drawn_credits) over (order by weeks.week_number), 0) as bigint
        ) as expected_credits,
        cast(
            coalesce(totals.earned_usd, 0)
            - coalesce(lag(totals.earned_usd) over (order by weeks.week_number), 0)
            as decimal(18, 4)
        ) as expected_recognised_usd,
        cast(owed.liability_usd - coalesce(totals.earned_usd, 0) as decimal(18, 4))
            as expected_liability_usd
    from weeks
    cross join clock
    cross join owed
    left join totals on weeks.week_number = totals.week_number
)

select * from final
order by week_number
