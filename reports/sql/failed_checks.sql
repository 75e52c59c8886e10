-- Checks of the newest run that did not pass, whatever the period.
select
    check_name,
    area,
    severity,
    status,
    observed_value,
    expected,
    failing_rows
from quality_results
where
    run_id = (
        select run_id from quality_results
        order by checked_at desc, run_id limit 1
    )
    and status <> 'passed'
order by severity, check_name
