select
    'cohorts' as source_table,
    id as source_id,
    cast(null as uuid) as user_id,
    {{ word_or_absent('cohort_type') }} as cohort_type
from {{ source('raw', 'cohorts') }}
