-- Client log entries of real users with the day they count on. The client's clock dates them; an
-- entry that it dates after as_of counts when the server had it (updated_at). What both date after
-- as_of has not happened.
with logs as (
    select * from {{ ref('stg_app_logs') }}
),

profiles as (
    select * from {{ ref('stg_user_profile') }}
),

clock as (
    select * from {{ ref('int_clock') }}
),

dated as (
    select
        logs.*,
        case
            when logs.created_at <= clock.as_of_at then logs.created_at
            when logs.updated_at <= clock.as_of_at then logs.updated_at
        end as logged_at
    from logs
    cross join clock
    left join profiles on logs.user_id = profiles.user_id
    where not coalesce(profiles.is_test, false)
),

final as (
    select
        app_log_id,
        user_id,
        coalesce(log_type, 'unknown') as log_type,
        cast(logged_at as date) as logged_date,
        {{ month_start('logged_at') }} as logged_month,
        issue_type,
        coalesce(is_skipped_sync, false) as is_skipped_sync,
        coalesce(is_failed_validation, false) as is_failed_validation
    from dated
    where logged_at is not null
)

select * from final
