-- Successive versions of a user's profile that extractions saw, in the words that marts use.
with {{ seen_at_once(ref('stg_user_profile_versions'), ["user_id"], standing=true) }},

{{ version_timed(["user_id"]) }},

final as (
    select
        user_id,
        version_number,
        observed_at,
        seen_at,
        coalesce(country, 'unknown') as country,
        coalesce(lead_source, 'unknown') as lead_source,
        coalesce(role, 'unknown') as role,
        coalesce(referral_code, 'unknown') as referral_code,
        lower(referral_code) as code_key
    from timed
)

select * from final
