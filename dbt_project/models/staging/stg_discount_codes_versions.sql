with history as (
    select * from {{ source('history', 'discount_codes') }}
),

renamed as (
    select
        id as discount_code_id,
        {{ stripped('code') }} as discount_code,
        _op = 'delete' as is_deleted,
        _seen_at as seen_at
    from history
)

select * from renamed
