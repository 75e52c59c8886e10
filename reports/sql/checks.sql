-- How many checks of the newest run ended how, whatever the period.
select severity, status, count(*) as checks
from quality_results
where run_id = (select run_id from quality_results order by checked_at desc, run_id limit 1)
    and $until is not null
group by severity, status
order by severity, status
