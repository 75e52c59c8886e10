select
    'cohorts' as source_table,
    id as source_id,
    cast(null as uuid) as user_id,
    coalesce(nullif(lower(trim(cohort_type)), ''), 'absent') as cohort_type
from {{ source('raw', 'cohorts') }}
