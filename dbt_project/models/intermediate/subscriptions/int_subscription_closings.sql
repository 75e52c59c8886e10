-- One row per canceled and expired event by as_of: the period that it speaks of, and what it did to
-- it: canceled, ended, or ignored with the reason in words.
with placed as (
    select * from {{ ref('int_subscription_closings_placed') }}
),

final as (
    select
        placed.subscription_event_id,
        placed.user_id,
        placed.event_type,
        placed.created_at,
        placed.expires_at,
        placed.opening_event_id,
        cancels.undone_at,
        case
            when cancels.is_intent then 'canceled'
            when phases.expired_event_id = placed.subscription_event_id then 'ended'
            else 'ignored'
        end as effect,
        case
            when placed.reason is not null then placed.reason
            when cancels.is_intent or phases.expired_event_id = placed.subscription_event_id
                then null
            when cancels.undone_at is not null then 'undone by auto_renew'
            when placed.event_type = 'canceled' then 'a first cancel stands'
            when not phases.has_expired then 'names an end up to the start of the period'
            else 'a later expired event stands'
        end as reason
    from placed
    left join {{ ref('int_subscription_cancels') }} as cancels
        on placed.subscription_event_id = cancels.subscription_event_id
    left join {{ ref('int_subscription_phases') }} as phases
        on placed.opening_event_id = phases.subscription_event_id
)

select * from final
