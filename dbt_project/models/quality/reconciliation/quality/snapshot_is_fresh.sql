select max(as_of_at) as as_of_at
from {{ source('meta', 'run_manifest') }}
having
    coalesce(max(as_of_at), timestamp '1970-01-01')
    < cast(getvariable('checked_at') as timestamp) - to_hours({{ var('fresh_hours') }})
