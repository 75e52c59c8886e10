-- Each check of the newest run, with its outcome in each of the last ten runs.
-- must_hold: What should be found, in words.
-- last_runs: Outcome in each of the last ten runs, the newest last: ● passed, ○ failed, × could not run, · was no check yet.
-- always_passed: Whether it passed in each of these runs in which it was a check.
with runs as (
    select
        run_id,
        max(checked_at) as checked_at
    from quality_results
    group by run_id
    order by checked_at desc, run_id
    limit 10
),

newest as (
    select *
    from quality_results
    where run_id = (
        select run_id from quality_results
        order by checked_at desc, run_id limit 1
    )
)

select
    newest.check_name,
    newest.expected as must_hold,
    newest.area,
    newest.asset,
    newest.severity,
    newest.failing_rows,
    string_agg(
        case past.status
            when 'passed' then '●' when 'failed' then '○' when 'broken' then '×' else '·'
        end,
        ''
        order by runs.checked_at, runs.run_id desc
    ) as last_runs,
    bool_and(coalesce(past.status, 'passed') = 'passed') as always_passed
from newest
cross join runs
left join
    quality_results as past
    on newest.check_name = past.check_name and runs.run_id = past.run_id
group by all
order by newest.area, newest.severity, newest.failing_rows desc, newest.asset, newest.check_name
