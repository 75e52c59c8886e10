-- What unused credits will earn in the coming weeks.
select
    week_start_date,
    expected_credits,
    expected_recognised_usd,
    expected_liability_usd
from credit_recognition_outlook
order by week_start_date
