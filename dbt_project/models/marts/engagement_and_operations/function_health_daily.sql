with logs as (
    select * from {{ ref('stg_server_logs') }}
),

profiles as (
    select * from {{ ref('stg_user_profile') }}
),

clock as (
    select * from {{ ref('int_clock') }}
),

runs as (
    select
        cast(logs.created_at as date) as run_date,
        coalesce(logs.function_name, 'unknown') as function_name,
        coalesce(logs.level = 'error', false) as is_error,
        logs.duration_ms
    from logs
    cross join clock
    left join profiles on logs.user_id = profiles.user_id
    where not coalesce(profiles.is_test, false) and logs.created_at <= clock.as_of_at
),

summed as (
    select
        run_date as date,
        function_name,
        count(*) as runs,
        count(case when is_error then 1 end) as errors,
        {{ ratio('count(case when is_error then 1 end)', 'count(*)') }} as error_rate,
        cast(percentile_cont(0.5) within group (order by duration_ms) as {{ type_double() }})
            as duration_p50_ms,
        cast(percentile_cont(0.95) within group (order by duration_ms) as {{ type_double() }})
            as duration_p95_ms
    from runs
    group by run_date, function_name
),

final as (
    select
        summed.*,
        {{ is_complete('summed.date', 'day') }} as is_complete
    from summed
    cross join clock
)

select * from final
order by date, function_name
