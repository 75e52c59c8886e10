with standing as (
    select * from {{ source('raw', 'cached_handshake_responses') }}
),

{{ of_present_ids(
    "source",
    "standing",
    "cached_handshake_responses",
    ["_unreadable", "_loaded_at"],
    ["user_id"]
) }},

renamed as (
    select
        id as cached_handshake_response_id,
        user_id,
        checksum,
        created_at,
        updated_at,
        _unreadable,
        _loaded_at
    from source
)

select * from renamed
