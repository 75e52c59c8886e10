-- One row per opening that a later purchase, or a change of plan within its own, replaces: when,
-- and by which opening. What was bought replaces what then ran and what was paid ahead; of an older
-- purchase that goes on being charged, only the period that ran at that instant. A period far
-- shorter than the rest that it would be paid by replaces nothing.
with placed as (
    select
        openings.*,
        terms.is_plan_change,
        terms.period_start_at,
        terms.period_end_at,
        terms.end_at,
        {{ term_is_too_long('openings', 'terms.period_start_at') }} as is_too_long,
        {{ term_is_too_short('openings', 'terms.period_start_at') }}
        and trials.subscription_event_id is null as is_too_short
    from {{ ref('int_subscription_openings') }} as openings
    inner join {{ ref('int_subscription_terms') }} as terms
        on
            openings.user_id = terms.user_id
            and openings.opening_number = terms.opening_number
    left join {{ ref('int_subscription_trials') }} as trials
        on openings.subscription_event_id = trials.subscription_event_id
),

takeovers as (
    select * from placed
    where not is_too_long and (event_type = 'created' or is_plan_change)
),

ranked as (
    select
        placed.user_id,
        placed.opening_number,
        takeovers.opening_number as replaced_by,
        takeovers.begins_at as replaced_at,
        not placed.is_too_long
        and takeovers.begins_at >= placed.period_start_at
        and {{ was_running_at('placed', 'takeovers.begins_at') }} as was_running,
        row_number() over (
            partition by placed.user_id, placed.opening_number
            order by takeovers.begins_at, takeovers.opening_number
        ) as choice
    from placed
    inner join takeovers on placed.user_id = takeovers.user_id
    where
        takeovers.begins_at >= least(placed.begins_at, placed.period_start_at)
        and not (
            takeovers.is_too_short
            and {{ seconds_between('takeovers.begins_at', 'takeovers.expires_at') }}
            * {{ var("period_length_factor") }} * {{ var("period_length_factor") }}
            < {{ seconds_between('takeovers.begins_at', 'placed.period_end_at') }}
        )
        and (
            (
                takeovers.event_type = 'created'
                and takeovers.purchase_number > placed.purchase_number
            )
            or (
                takeovers.is_plan_change
                and takeovers.purchase_number = placed.purchase_number
                and takeovers.purchase_step > placed.purchase_step
            )
        )
),

final as (
    select
        user_id,
        opening_number,
        replaced_by,
        replaced_at,
        was_running
    from ranked
    where choice = 1
)

select * from final
