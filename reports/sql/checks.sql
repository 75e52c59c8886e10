-- How many checks of the newest run ended how, whatever the period.
-- checks: How many checks of the newest run did not pass, of severity error or warn.
select
    severity,
    status,
    count(*) as checks
from quality_results
where
    run_id = (
        select run_id from quality_results
        order by checked_at desc, run_id limit 1
    )
group by severity, status
order by severity, status
