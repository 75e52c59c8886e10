with logs as (
    select * from {{ ref('int_app_logs_dated') }}
    where log_type in ('user_report', 'user_reports')
),

clock as (
    select * from {{ ref('int_clock') }}
),

summed as (
    select
        logged_month as month,
        coalesce(issue_type, 'Other') as issue_type,
        count(*) as reports,
        count(distinct user_id) as users
    from logs
    group by logged_month, coalesce(issue_type, 'Other')
),

final as (
    select
        summed.*,
        {{ is_complete('summed.month', 'month') }} as is_complete
    from summed
    cross join clock
)

select * from final
order by month, issue_type
