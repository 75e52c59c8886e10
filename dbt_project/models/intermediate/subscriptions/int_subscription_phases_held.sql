-- One row per opening with the access that its purchase's own events and the first replacement
-- leave it, whatever newer purchases run beside it.
with placed as (
    select
        openings.*,
        terms.opens_chain,
        terms.is_plan_change,
        terms.period_start_at as own_start_at,
        terms.period_end_at,
        terms.end_at,
        terms.has_expired,
        terms.expired_event_id,
        replacements.replaced_at as taken_at,
        coalesce(trials.is_repeated, false) as is_repeated_trial,
        trials.subscription_event_id is not null and not trials.is_repeated as is_offered_trial,
        {{ term_is_too_long('openings', 'terms.period_start_at') }} as is_too_long,
        {{ term_is_too_short('openings', 'terms.period_start_at') }}
        or openings.is_repeated_end as is_too_short
    from {{ ref('int_subscription_openings') }} as openings
    inner join {{ ref('int_subscription_terms') }} as terms
        on
            openings.user_id = terms.user_id
            and openings.opening_number = terms.opening_number
    left join {{ ref('int_subscription_replacements') }} as replacements
        on
            openings.user_id = replacements.user_id
            and openings.opening_number = replacements.opening_number
    left join {{ ref('int_subscription_trials') }} as trials
        on openings.subscription_event_id = trials.subscription_event_id
),

replacing as (
    select
        replacements.user_id,
        replacements.replaced_by,
        bool_and(replaced.is_offered_trial) as is_of_trial
    from {{ ref('int_subscription_replacements') }} as replacements
    inner join placed as replaced
        on
            replacements.user_id = replaced.user_id
            and replacements.opening_number = replaced.opening_number
    where replacements.was_running
    group by replacements.user_id, replacements.replaced_by
),

carried as (
    select
        placed.*,
        replacing.is_of_trial,
        coalesce(
            replacing.replaced_by is not null
            and not placed.is_offered_trial
            and placed.expires_at > placed.own_start_at
            and placed.expires_at
            < {{ add_months('placed.own_start_at', 'placed.billing_months') }} - interval '3 days',
            false
        ) as is_rest
    from placed
    left join replacing
        on placed.user_id = replacing.user_id and placed.opening_number = replacing.replaced_by
),

-- A period that begins by replacing another and ends more than three days before its plan would is
-- paid by the old plan's rest; that of a trial is worth nothing: the trial goes on.
named as (
    select
        *,
        is_offered_trial or (is_rest and is_of_trial) as is_trial,
        is_rest and not is_of_trial as is_prorated
    from carried
),

-- Access as the purchase's own events and the first replacement leave it; none where the length is
-- implausible.
held as (
    select
        *,
        (is_too_long or is_too_short) and not is_trial and not is_prorated as is_implausible,
        case
            when (is_too_long or is_too_short) and not is_trial and not is_prorated
                then own_start_at
            else greatest(own_start_at, least(end_at, coalesce(taken_at, end_at)))
        end as held_until_at
    from named
),

followed as (
    select
        *,
        min(case when held_until_at > own_start_at then own_start_at end) over (
            partition by user_id, purchase_number
            order by purchase_step
            rows between 1 following and unbounded following
        ) as next_held_at
    from held
),

-- Where a change of plan gave no access, the first renewal after it that does replaces the old
-- plan.
final as (
    select
        *,
        case when next_held_at < held_until_at then next_held_at else taken_at end
            as replaced_at,
        case
            when next_held_at < held_until_at then greatest(own_start_at, next_held_at)
            else held_until_at
        end as cut_at
    from followed
)

select * from final
