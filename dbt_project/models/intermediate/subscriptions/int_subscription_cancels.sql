-- One row per canceled event of a period, with the instant at which auto_renew took it back: true
-- again after the cancel, before the period's end or its replacement.
with cancels as (
    select * from {{ ref('int_subscription_closings_placed') }}
    where event_type = 'canceled' and opening_event_id is not null
),

placed as (
    select
        cancels.subscription_event_id,
        cancels.opening_event_id,
        cancels.user_id,
        cancels.created_at as canceled_at,
        least(phases.end_at, coalesce(phases.replaced_at, phases.end_at)) as over_at
    from cancels
    inner join {{ ref('int_subscription_phases') }} as phases
        on cancels.opening_event_id = phases.subscription_event_id
),

restarts as (
    select
        placed.subscription_event_id,
        min(versions.observed_at) as undone_at
    from placed
    inner join {{ ref('int_auto_renew_versions') }} as versions
        on placed.user_id = versions.user_id
    where
        versions.auto_renew
        and versions.observed_at > placed.canceled_at
        and versions.observed_at < placed.over_at
    group by placed.subscription_event_id
),

ranked as (
    select
        placed.*,
        restarts.undone_at,
        row_number() over (
            partition by placed.opening_event_id
            order by
                case when restarts.undone_at is null then 0 else 1 end,
                placed.canceled_at,
                placed.subscription_event_id
        ) as preference
    from placed
    left join restarts on placed.subscription_event_id = restarts.subscription_event_id
),

final as (
    select
        subscription_event_id,
        opening_event_id,
        user_id,
        canceled_at,
        undone_at,
        preference = 1 and undone_at is null as is_intent
    from ranked
)

select * from final
