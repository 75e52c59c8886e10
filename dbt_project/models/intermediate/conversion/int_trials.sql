-- One row per trial of a non-test user begun by as_of, with its outcome. Trial periods that follow
-- each other without a gap are one trial.
with clock as (
    select * from {{ ref('int_clock') }}
),

changes as (
    select * from {{ ref('int_mrr_changes') }}
),

gains as (
    select * from {{ ref('int_mrr_movements') }}
    where mrr_before_usd = 0
),

periods as (
    select periods.*
    from {{ ref('int_subscription_periods') }} as periods
    cross join clock
    where
        not periods.is_test
        and {{ gave_access('periods') }}
        and periods.period_start_at <= clock.as_of_at
),

neighbored as (
    select
        *,
        is_trial
        and coalesce(
            lag(is_trial) over user_periods
            and lag(access_end_at) over user_periods = period_start_at, false
        ) as continues_trial,
        is_trial
        and coalesce(
            lead(is_trial) over user_periods
            and lead(period_start_at) over user_periods = access_end_at, false
        ) as is_continued
    from periods
    window user_periods as (partition by user_id order by period_start_at, opening_number)
),

numbered as (
    select
        *,
        sum(case when continues_trial then 0 else 1 end) over (
            partition by user_id
            order by period_start_at, opening_number
            rows between unbounded preceding and current row
        ) as trial_number
    from neighbored
    where is_trial
),

trials as (
    select
        user_id,
        trial_number,
        min(period_start_at) as started_at,
        min(cancel_intent_at) as cancel_intent_at,
        max(case when not is_continued then period_end_at end) as planned_end_at,
        max(case when not is_continued then access_end_at end) as access_end_at
    from numbered
    group by user_id, trial_number
),

-- A trial converts where the MRR of a customer who had none begins as the trial ends.
converted as (
    select
        trials.user_id,
        trials.trial_number,
        gains.movement_number,
        gains.movement_at as converted_at,
        row_number() over (
            partition by trials.user_id, gains.movement_number
            order by trials.trial_number desc nulls last
        ) as recency
    from trials
    inner join changes
        on trials.user_id = changes.user_id and trials.access_end_at = changes.changed_at
    inner join gains
        on changes.user_id = gains.user_id and changes.movement_number = gains.movement_number
    where gains.movement_at >= trials.started_at
),

last_converted as (
    select * from converted
    where recency = 1
),

final as (
    select
        trials.user_id,
        trials.trial_number,
        trials.started_at,
        trials.planned_end_at,
        trials.cancel_intent_at,
        last_converted.movement_number,
        last_converted.converted_at,
        case
            when last_converted.converted_at is null and trials.access_end_at <= clock.as_of_at
                then trials.access_end_at
        end as lapsed_at
    from trials
    cross join clock
    left join last_converted
        on
            trials.user_id = last_converted.user_id
            and trials.trial_number = last_converted.trial_number
)

select * from final
