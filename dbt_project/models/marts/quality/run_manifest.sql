with runs as (
    select * from {{ source('meta', 'run_manifest') }}
),

final as (
    select
        run_id,
        table_name,
        as_of_at,
        started_at,
        finished_at,
        source_fingerprint,
        source_rows,
        warehouse_rows,
        changed_rows,
        deleted_rows,
        code_version
    from runs
)

select * from final
