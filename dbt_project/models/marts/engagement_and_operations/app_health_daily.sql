with logs as (
    select * from {{ ref('int_app_logs_dated') }}
),

clock as (
    select * from {{ ref('int_clock') }}
),

summed as (
    select
        logged_date as date,
        log_type,
        count(*) as entries,
        count(distinct user_id) as users,
        count(case when log_type = 'error' then 1 end) as errors,
        count(case when is_skipped_sync then 1 end) as skipped_syncs,
        count(case when is_failed_validation then 1 end) as failed_validations
    from logs
    group by logged_date, log_type
),

final as (
    select
        summed.*,
        {{ is_complete('summed.date', 'day') }} as is_complete
    from summed
    cross join clock
)

select * from final
order by date, log_type
