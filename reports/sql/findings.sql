-- Findings of the newest run by kind, whatever the period.
-- findings: Rows of the source with this fault.
-- example: What is wrong with one of them.
select
    check_name,
    severity,
    source_table,
    min(cause) as cause,
    count(*) as findings,
    sum(money_at_stake_usd) as money_at_stake_usd,
    min(explanation) as example
from quality_findings
where
    run_id = (
        select run_id from quality_results
        order by checked_at desc, run_id limit 1
    )
group by check_name, severity, source_table
order by severity, findings desc, check_name, source_table
