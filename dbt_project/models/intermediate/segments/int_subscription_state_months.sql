-- One row per subscriber and month at whose end, at as_of in the last, the user is in a state of
-- subscription: the state, the attributes at that instant, the MRR (0 on trial).
{% set dimensions = segment_dimensions() -%}
{%- set never = end_of_time() -%}
with clock as (
    select * from {{ ref('int_clock') }}
),

states as (
    select
        *,
        lead(changed_at, 1, {{ never }}) over (
            partition by user_id order by changed_at
        ) as next_changed_at
    from {{ ref('int_subscription_states') }}
),

-- Each month whose end finds the user in the state.
state_months as (
    select
        states.user_id,
        states.state,
        {{ months_through(
            month_start('states.changed_at'),
            "least(" ~ add_months(month_start('states.next_changed_at'), -1)
            ~ ", clock.as_of_month)"
        ) }} as month
    from states
    cross join clock
    where
        states.state is not null
        and {{ month_start('states.next_changed_at') }} > {{ month_start('states.changed_at') }}
),

steps as (
    select
        *,
        lead(changed_at, 1, {{ never }}) over (
            partition by user_id order by changed_at
        ) as next_changed_at
    from {{ ref('int_mrr_segment_steps') }}
),

paying_months as (
    select
        steps.user_id,
        steps.mrr_after_usd,
        {%- for name in dimensions %}
            steps.{{ name }}_after as {{ name }},
        {%- endfor %}
        {{ months_through(
            month_start('steps.changed_at'),
            "least(" ~ add_months(month_start('steps.next_changed_at'), -1)
            ~ ", clock.as_of_month)"
        ) }} as month
    from steps
    cross join clock
    where
        steps.mrr_after_usd > 0
        and {{ month_start('steps.next_changed_at') }} > {{ month_start('steps.changed_at') }}
),

paying as (
    select
        paying_months.user_id,
        paying_months.month,
        state_months.state,
        {%- for name in dimensions %}
            paying_months.{{ name }},
        {%- endfor %}
        paying_months.mrr_after_usd as mrr_usd
    from paying_months
    inner join state_months
        on
            paying_months.user_id = state_months.user_id
            and paying_months.month = state_months.month
),

trial_periods as (
    select
        user_id,
        period_start_at,
        {{ plan_named('billing_months') }} as plan,
        store,
        lead(period_start_at, 1, {{ never }}) over (
            partition by user_id order by period_start_at
        ) as next_start_at
    from {{ ref('int_subscription_periods') }}
    where is_trial and not is_test
),

trial_instants as (
    select
        state_months.user_id,
        state_months.month,
        least(
            {{ add_months('state_months.month', 1) }} - interval '1 microsecond', clock.as_of_at
        ) as instant_at
    from state_months
    cross join clock
    where state_months.state = 'trial'
),

trials as (
    select
        trial_instants.user_id,
        trial_instants.month,
        'trial' as state,
        coalesce(trial_periods.plan, 'other') as plan,
        coalesce(trial_periods.store, 'unknown') as store,
        coalesce(attributes.country, 'unknown') as country,
        coalesce(attributes.lead_source, 'unknown') as lead_source,
        coalesce(attributes.cohort_code, 'unknown') as cohort_code,
        coalesce(attributes.acquisition, 'unknown') as acquisition,
        cast(0 as decimal(18, 4)) as mrr_usd
    from trial_instants
    left join trial_periods
        on
            trial_instants.user_id = trial_periods.user_id
            and trial_instants.instant_at >= trial_periods.period_start_at
            and trial_instants.instant_at < trial_periods.next_start_at
    left join {{ ref('int_user_attributes') }} as attributes
        on {{ holds_at('attributes', 'trial_instants.user_id', 'trial_instants.instant_at') }}
),

final as (
    select * from paying
    union all
    select * from trials
)

select * from final
