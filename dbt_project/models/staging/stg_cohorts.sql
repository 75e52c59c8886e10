with {{ last_known("cohorts") }},

renamed as (
    select
        id as cohort_id,
        {{ stripped('code') }} as cohort_code,
        {{ stripped('name') }} as name,
        {{ lowered('cohort_type') }} as cohort_type,
        case when name like '%:%' then {{ lowered("split_part(name, ':', 1)") }} end
            as name_before_colon,
        description,
        splash_screen_url,
        created_at,
        updated_at,
        _unreadable,
        _loaded_at,
        source_deleted_at
    from source
)

select * from renamed
