{{ rows_out_of_line(
    ref('mrr_bridge_daily'), 'movement_date', step='day',
    balances={'opening_mrr_usd': 'closing_mrr_usd', 'opening_customers': 'closing_customers'}
) }}
union all
select max(days.movement_date) as movement_date
from {{ ref('mrr_bridge_daily') }} as days
cross join {{ ref('int_clock') }} as clock
having max(days.movement_date) <> max(clock.as_of_date)
