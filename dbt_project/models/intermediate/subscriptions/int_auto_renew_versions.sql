-- One row per version of a subscriber's billing state: whether it renewed by itself, from
-- observed_at on. A state that was deleted says nothing more.
with subscribers as (
    select distinct user_id from {{ ref('int_subscription_openings') }}
),

versions as (
    select states.*
    from {{ ref('int_billing_state_versions') }} as states
    inner join subscribers on states.user_id = subscribers.user_id
    where not states.is_deleted
),

{{ version_timed(["user_id"]) }},

final as (
    select
        user_id,
        version_number,
        observed_at,
        auto_renew
    from timed
)

select * from final
