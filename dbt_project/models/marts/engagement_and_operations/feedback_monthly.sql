with logs as (
    select * from {{ ref('int_app_logs_dated') }}
    where log_type in ('user_report', 'user_reports')
),

final as (
    select
        logged_month as month,
        coalesce(issue_type, 'Other') as issue_type,
        count(*) as reports,
        count(distinct user_id) as users
    from logs
    group by logged_month, coalesce(issue_type, 'Other')
)

select * from final
order by month, issue_type
