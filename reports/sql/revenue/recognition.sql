-- Recognized revenue and what is deferred at the end of each of the last 24 months.
-- is_settled: Whether the month is over, and the use of credits was observed from its first day.
select
    recognition_month,
    sum(billed_usd) as billed_usd,
    sum(recognised_usd) as recognised_usd,
    sum(deferred_closing_usd) as deferred_closing_usd,
    bool_and(is_complete and is_observed) as is_settled
from revenue_recognition_monthly
where recognition_month < $month_until
group by recognition_month
order by recognition_month desc
limit 24
