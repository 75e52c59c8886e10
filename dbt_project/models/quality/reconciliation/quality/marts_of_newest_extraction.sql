with newest as (
    select max(as_of_at) as as_of_at from {{ source('meta', 'run_manifest') }}
),

built as (
    select max(as_of_at) as as_of_at from {{ ref('run_manifest') }}
)

select
    newest.as_of_at as extracted_at,
    built.as_of_at as built_from
from newest
cross join built
where newest.as_of_at is distinct from built.as_of_at
