-- Custom audio from purchase to delivery, by month.
select
    month,
    purchased,
    submitted,
    delivered,
    expired_links,
    median_hours_to_delivery,
    is_complete
from custom_course_funnel_monthly
where month < $month_until
order by month desc
limit 24
