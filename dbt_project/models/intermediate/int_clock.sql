with manifest as (
    select as_of_at from {{ source('meta', 'run_manifest') }}
),

final as (
    select
        max(as_of_at) as as_of_at,
        cast(max(as_of_at) as date) as as_of_date,
        cast(date_trunc('month', max(as_of_at)) as date) as as_of_month,
        min(as_of_at) as first_extracted_at
    from manifest
)

select * from final
