-- How each code fared over all months.
select
    discount_code,
    sum(assigned) as assigned,
    sum(used) as used,
    sum(lapsed) as lapsed,
    sum(open) as open,
    arg_max(redemption_rate_so_far, assigned_month) as redemption_rate,
    sum(discount_usd) as discount_usd,
    sum(gross_usd) as gross_usd
from discount_performance
where assigned_month < $month_until
group by discount_code
order by discount_usd desc nulls last, discount_code
