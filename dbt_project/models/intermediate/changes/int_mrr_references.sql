-- One row per month, plan and store: what a customer of it counts for (mix_references).
with clock as (
    select * from {{ ref('int_clock') }}
),

states as (
    select * from {{ ref('int_mrr_states') }}
),

{% set amounts = ["value_usd", "list_usd"] -%}
steps as (
    select
        month,
        plan_after as plan,
        store_after as store,
        1 as step,
        1 as entered,
        value_after_usd as value_usd,
        list_after_usd as list_usd
    from states
    where plan_after is not null
    union all
    select
        month,
        plan_before as plan,
        store_before as store,
        -1 as step,
        0 as entered,
        -value_before_usd as value_usd,
        -list_before_usd as list_usd
    from states
    where plan_before is not null
),

flows as (
    select
        month,
        plan,
        store,
        sum(step) as step_count,
        sum(entered) as entered_count,
        {%- for amount in amounts %}
            sum({{ amount }}) as {{ amount }},
            sum(entered * {{ amount }}) as entered_{{ amount }}
            {%- if not loop.last %},{% endif %}
        {%- endfor %}
    from steps
    group by month, plan, store
),

segments as (
    select
        plan,
        store,
        min(month) as first_month
    from flows
    group by plan, store
),

calendar as (
    select
        segments.plan,
        segments.store,
        {{ months_through('segments.first_month', 'clock.as_of_month') }} as month
    from segments
    cross join clock
),

filled as (
    select
        calendar.month,
        calendar.plan,
        calendar.store,
        coalesce(flows.step_count, 0) as step_count,
        coalesce(flows.entered_count, 0) as entered_count,
        {%- for amount in amounts %}
            coalesce(flows.{{ amount }}, 0) as {{ amount }},
            coalesce(flows.entered_{{ amount }}, 0) as entered_{{ amount }}
            {%- if not loop.last %},{% endif %}
        {%- endfor %}
    from calendar
    left join flows
        on
            calendar.month = flows.month
            and calendar.plan = flows.plan
            and calendar.store = flows.store
),

closed as (
    select
        *,
        sum(step_count) over so_far as closing_count,
        {%- for amount in amounts %}
            sum({{ amount }}) over so_far as closing_{{ amount }}
            {%- if not loop.last %},{% endif %}
        {%- endfor %}
    from filled
    window
        so_far as (
            partition by plan, store
            order by month
            rows between unbounded preceding and current row
        )
),

balanced as (
    select
        *,
        closing_count - step_count as opening_count,
        {%- for amount in amounts %}
            closing_{{ amount }} - {{ amount }} as opening_{{ amount }}
            {%- if not loop.last %},{% endif %}
        {%- endfor %}
    from closed
),

{{ mix_references('balanced') }}

select * from final
