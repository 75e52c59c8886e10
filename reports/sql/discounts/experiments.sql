-- Arms of each experiment against its control.
select
    experiment,
    cohort_code,
    members,
    premium_rate,
    premium_rate_low,
    premium_rate_high,
    difference_to_control,
    difference_low,
    difference_high,
    sample_ratio_p_value,
    is_split_suspicious,
    proceeds_per_member_usd
from cohort_performance
order by difference_to_control is null, cohort_code
