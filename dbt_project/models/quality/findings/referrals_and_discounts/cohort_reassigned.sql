select
    'user_cohorts' as source_table,
    max_by(id, _seen_at) as source_id,
    user_id,
    'Was moved to another cohort: analysed by the first' as explanation,
    cast(0 as decimal(18, 4)) as money_at_stake_usd
from {{ source('history', 'user_cohorts') }}
group by user_id
having count(distinct cohort_id) > 1
