-- One row per opening with all that is known of its period but its price: its chain, its span, and
-- whether it is a trial, a change of plan that the old plan's rest pays, or of a length that its
-- plan contradicts.
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
        * exclude (is_offered_trial, is_of_trial, is_rest),
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
cut as (
    select
        *,
        case when next_held_at < held_until_at then next_held_at else taken_at end
            as replaced_at,
        case
            when next_held_at < held_until_at then greatest(own_start_at, next_held_at)
            else held_until_at
        end as cut_at
    from followed
),

-- An older purchase that is charged on beside a newer one waits until that ends, and gives way
-- where a newer one goes on.
covers as (
    select
        older.user_id,
        older.opening_number,
        older.own_start_at,
        newer.own_start_at as cover_start_at,
        newer.cut_at as cover_end_at,
        coalesce(
            max(newer.cut_at) over (
                partition by older.user_id, older.opening_number
                order by newer.own_start_at, newer.cut_at, newer.opening_number
                rows between unbounded preceding and 1 preceding
            ), older.own_start_at
        ) as reached_before_at
    from cut as older
    inner join cut as newer on older.user_id = newer.user_id
    where
        newer.purchase_number > older.purchase_number
        and newer.cut_at > newer.own_start_at
        and newer.cut_at > older.own_start_at
        and older.cut_at > older.own_start_at
),

joined_covers as (
    select
        *,
        max(case when cover_start_at > greatest(reached_before_at, own_start_at) then 1 else 0 end)
            over (
                partition by user_id, opening_number
                order by cover_start_at, cover_end_at
                rows between unbounded preceding and current row
            )
            as is_apart
    from covers
),

waits as (
    select
        user_id,
        opening_number,
        max(case when is_apart = 0 then cover_end_at end) as waits_until_at,
        min(case when is_apart = 1 then cover_start_at end) as gives_way_at
    from joined_covers
    group by user_id, opening_number
),

spanned as (
    select
        cut.*,
        case
            when waits.waits_until_at < cut.cut_at then waits.waits_until_at
            else cut.own_start_at
        end as period_start_at,
        case
            when waits.waits_until_at >= cut.cut_at then cut.own_start_at
            when waits.gives_way_at < cut.cut_at then waits.gives_way_at
            else cut.cut_at
        end as effective_end_at,
        case
            when waits.gives_way_at < cut.cut_at then waits.gives_way_at else cut.replaced_at
        end as given_way_at,
        coalesce(waits.waits_until_at >= cut.cut_at, false) as is_covered,
        sum(case when cut.opens_chain then 1 else 0 end) over (
            partition by cut.user_id, cut.purchase_number
            order by cut.purchase_step
            rows between unbounded preceding and current row
        ) as purchase_chain,
        lead(case when not cut.is_repeated_end then cut.opens_chain end ignore nulls) over (
            partition by cut.user_id, cut.purchase_number order by cut.purchase_step
        ) as next_opens_chain
    from cut
    left join waits
        on cut.user_id = waits.user_id and cut.opening_number = waits.opening_number
),

chained as (
    select
        *,
        min(opening_number) over (
            partition by user_id, purchase_number, purchase_chain
        ) as chain_opening_number,
        coalesce(
            product_key <> lag(product_key) over (
                partition by user_id, purchase_number, purchase_chain order by purchase_step
            ), true
        ) as is_new_product,
        row_number() over (
            partition by user_id
            order by
                case when effective_end_at > period_start_at then 0 else 1 end,
                effective_end_at desc,
                opening_number desc
        ) as recency
    from spanned
),

numbered as (
    select
        *,
        dense_rank() over (partition by user_id order by chain_opening_number) as chain_number,
        last_value(case when is_new_product then created_at end ignore nulls) over (
            partition by user_id, purchase_number, purchase_chain
            order by purchase_step
            rows between unbounded preceding and current row
        ) as kept_from_at,
        greatest(
            sum(case when is_trial or is_prorated or is_implausible then 0 else 1 end) over (
                partition by user_id, purchase_number, purchase_chain
                order by purchase_step
                rows between unbounded preceding and current row
            ) - 1, 0
        ) as paid_before
    from chained
),

final as (
    select
        subscription_event_id,
        receipt_id,
        user_id,
        subscription_id,
        event_type,
        created_at,
        base_plan_id,
        store,
        grace_days,
        opening_number,
        purchase_number,
        chain_number,
        case when is_trial or is_prorated or is_implausible then 0 else paid_before end
            as renewal_number,
        is_test,
        product_key,
        billing_months,
        term_months,
        offer_id,
        is_trial,
        is_repeated_trial,
        is_prorated,
        is_implausible,
        kept_from_at,
        period_start_at,
        period_end_at,
        effective_end_at,
        end_at,
        given_way_at as replaced_at,
        is_covered,
        effective_end_at > period_start_at and recency = 1 as is_last,
        has_expired,
        expired_event_id,
        next_opens_chain
    from numbered
)

select * from final
