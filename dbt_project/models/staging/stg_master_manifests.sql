with source as (
    select * from {{ source('raw', 'master_manifests') }}
),

renamed as (
    select
        id as manifest_id,
        file_name,
        checksum,
        cast(file_size_bytes as bigint) as file_size_bytes,
        created_at,
        updated_at,
        _unreadable,
        _loaded_at
    from source
)

select * from renamed
