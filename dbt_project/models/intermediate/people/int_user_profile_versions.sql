-- Successive versions of a user's profile that extractions saw, in the words that marts use.
with {{ versions_seen("user_profile") }},

ranked as (
    select
        user_id,
        coalesce(nullif(trim(country), ''), 'unknown') as country,
        coalesce(nullif(trim(lead_source), ''), 'unknown') as lead_source,
        coalesce(nullif(lower(trim(role)), ''), 'unknown') as role,
        coalesce(nullif(trim(referral_code), ''), 'unknown') as referral_code,
        {{ normalised_code('referral_code') }} as code_key,
        updated_at,
        _seen_at as seen_at,
        row_number() over (
            partition by user_id, _seen_at order by updated_at desc nulls last
        ) as choice
    from history
    where _op <> 'delete'
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
