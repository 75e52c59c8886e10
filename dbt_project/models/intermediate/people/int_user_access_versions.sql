-- Successive versions of what the app granted a user, free or premium, as its billing state says. A
-- state that is gone while the account stays, or that passed to another user, grants nothing; one
-- that closed with the account is no version.
with states as (
    select * from {{ ref('int_billing_state_versions') }}
),

profiles as (
    select * from {{ ref('stg_user_profile') }}
),

versions as (
    select
        states.user_id,
        case when states.is_deleted then 'free' else coalesce(states.plan, 'free') end as access,
        case when not states.is_deleted then states.updated_at end as updated_at,
        states.seen_at
    from states
    left join profiles on states.user_id = profiles.user_id
    where
        not states.is_deleted
        or states.is_passed_on
        or coalesce(states.seen_at < profiles.source_deleted_at, true)
),

{{ version_timed(["user_id"]) }},

final as (
    select
        user_id,
        version_number,
        observed_at,
        seen_at,
        access
    from timed
)

select * from final
