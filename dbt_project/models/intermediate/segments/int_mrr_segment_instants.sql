-- One row per user and instant at which something may move MRR from segment to segment: a movement,
-- the start of a paid period of equal MRR, a version of the user. A start within the changes that
-- make a movement is part of it.
with clock as (
    select * from {{ ref('int_clock') }}
),

movements as (
    select
        *,
        {{ plan_named('billing_months') }} as plan
    from {{ ref('int_mrr_movements') }}
),

customers as (
    select distinct user_id from movements
),

starts as (
    select
        periods.user_id,
        periods.period_start_at,
        {{ plan_named('periods.billing_months') }} as plan,
        periods.store
    from {{ ref('int_subscription_periods') }} as periods
    cross join clock
    where
        not periods.is_test
        and periods.mrr_usd > 0
        and {{ gave_access('periods') }}
        and periods.period_start_at <= clock.as_of_at
),

versions as (
    select
        versions.user_id,
        versions.valid_from_at,
        versions.country,
        versions.lead_source,
        versions.cohort_code
    from {{ ref('int_user_attributes') }} as versions
    inner join customers on versions.user_id = customers.user_id
),

moments as (
    select
        user_id,
        movement_at as changed_at,
        movement_id,
        movement_type,
        mrr_delta_usd,
        mrr_after_usd,
        settled_at,
        plan,
        store,
        cast(null as {{ type_text() }}) as start_plan,
        cast(null as {{ type_text() }}) as start_store,
        cast(null as {{ type_text() }}) as country,
        cast(null as {{ type_text() }}) as lead_source,
        cast(null as {{ type_text() }}) as cohort_code
    from movements
    union all
    select
        user_id,
        period_start_at as changed_at,
        null as movement_id,
        null as movement_type,
        null as mrr_delta_usd,
        null as mrr_after_usd,
        null as settled_at,
        null as plan,
        null as store,
        plan as start_plan,
        store as start_store,
        null as country,
        null as lead_source,
        null as cohort_code
    from starts
    union all
    select
        user_id,
        valid_from_at as changed_at,
        null as movement_id,
        null as movement_type,
        null as mrr_delta_usd,
        null as mrr_after_usd,
        null as settled_at,
        null as plan,
        null as store,
        null as start_plan,
        null as start_store,
        country,
        lead_source,
        cohort_code
    from versions
),

-- One row of each kind at most stands at an instant.
instants as (
    select
        user_id,
        changed_at,
        max(movement_id) as movement_id,
        max(movement_type) as movement_type,
        max(mrr_delta_usd) as mrr_delta_usd,
        max(mrr_after_usd) as mrr_after_usd,
        max(settled_at) as settled_at,
        max(plan) as plan,
        max(store) as store,
        max(start_plan) as start_plan,
        max(start_store) as start_store,
        max(country) as country,
        max(lead_source) as lead_source,
        max(cohort_code) as cohort_code
    from moments
    group by user_id, changed_at
),

placed as (
    select
        *,
        changed_at <= {{ last_known_value('settled_at', 'so_far') }} as is_within_movement
    from instants
    window so_far as (
        partition by user_id
        order by changed_at
        rows between unbounded preceding and current row
    )
),

final as (
    select
        user_id,
        changed_at,
        movement_id,
        movement_type,
        mrr_delta_usd,
        mrr_after_usd,
        case when is_within_movement then plan else start_plan end as plan,
        case when is_within_movement then store else start_store end as store,
        country,
        lead_source,
        cohort_code
    from placed
)

select * from final
