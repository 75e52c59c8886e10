-- Successive versions of a user's profile that extractions saw, in the words that marts use.
with ranked as (
    select
        user_id,
        coalesce(country, 'unknown') as country,
        coalesce(lead_source, 'unknown') as lead_source,
        coalesce(role, 'unknown') as role,
        coalesce(referral_code, 'unknown') as referral_code,
        lower(referral_code) as code_key,
        updated_at,
        seen_at,
        row_number() over (
            partition by user_id, seen_at order by updated_at desc nulls last
        ) as choice
    from {{ ref('stg_user_profile_versions') }}
    where not is_deleted
),

versions as (
    select * from ranked
    where choice = 1
),

{{ version_timed(["user_id"]) }},

final as (
    select
        user_id,
        version_number,
        observed_at,
        seen_at,
        country,
        lead_source,
        role,
        referral_code,
        code_key
    from timed
)

select * from final
