{{ rows_out_of_line(
    ref('trial_movements_daily'), 'date', step='day',
    balances={'opening_trials': 'closing_trials'}
) }}
union all
select max(days.date) as date
from {{ ref('trial_movements_daily') }} as days
cross join {{ ref('int_clock') }} as clock
having max(days.date) <> max(clock.as_of_date)
