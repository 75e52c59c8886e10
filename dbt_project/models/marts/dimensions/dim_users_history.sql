with attributes as (
    select * from {{ ref('int_user_attributes') }}
),

final as (
    select
        user_id,
        valid_from_at,
        valid_to_at,
        country,
        lead_source,
        role,
        is_test,
        cohort_code,
        access,
        referral_code
    from attributes
)

select * from final
order by valid_from_at, user_id
