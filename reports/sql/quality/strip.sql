-- Each check that did not pass in one of the last ten runs, with its outcome in each of them.
-- last_runs: Outcome in each of the last ten runs, the newest last: ● passed, ○ failed, × could not run.
with runs as (
    select run_id, max(checked_at) as checked_at
    from quality_results
    group by run_id
    order by checked_at desc
    limit 10
)

select
    r.check_name, r.severity,
    string_agg(case r.status when 'passed' then '●' when 'failed' then '○' else '×' end, ' ' order by runs.checked_at)
        as last_runs,
    arg_max(r.failing_rows, runs.checked_at) as failing_rows
from quality_results as r
join runs using (run_id)
group by r.check_name, r.severity
having bool_or(r.status <> 'passed')
order by r.severity, failing_rows desc, r.check_name
