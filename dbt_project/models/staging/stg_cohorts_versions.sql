with history as (
    select * from {{ source('history', 'cohorts') }}
),

renamed as (
    select
        id as cohort_id,
        {{ stripped('code') }} as cohort_code,
        _op = 'delete' as is_deleted,
        _seen_at as seen_at
    from history
)

select * from renamed
