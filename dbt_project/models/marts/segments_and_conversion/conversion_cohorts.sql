{%- set windows = [7, 14, 30, 60, 90] -%}
{%- set unbounded = 999999 -%}
with clock as (
    select * from {{ ref('int_clock') }}
),

steps as (
    select * from {{ ref('int_conversion_steps') }}
),

-- The shortest window in which each user took the step, and the longest that has passed.
placed as (
    select
        steps.signup_month,
        steps.step,
        case
            {%- for days in windows %}
                when steps.taken_at < {{ days_later('steps.clock_starts_at', days) }}
                    then {{ days }}
            {%- endfor %}
            when steps.taken_at is not null then {{ unbounded }}
        end as taken_days,
        case
            {%- for days in windows | reverse %}
                when {{ days_later('steps.clock_starts_at', days) }} <= clock.as_of_at
                    then {{ days }}
            {%- endfor %}
            else 0
        end as passed_days
    from steps
    cross join clock
),

counted as (
    select
        signup_month,
        step,
        taken_days,
        passed_days,
        count(*) as users
    from placed
    group by signup_month, step, taken_days, passed_days
),

windows as (
    {% for days in windows -%}
        select
            {{ days }} as window_days,
            '{{ days }} d' as conversion_window
        union all
    {% endfor -%}
    select
        {{ unbounded }} as window_days,
        'unbounded' as conversion_window
),

cells as (
    select
        counted.*,
        windows.conversion_window,
        windows.window_days,
        windows.window_days <= counted.passed_days
        or windows.window_days = {{ unbounded }} as is_passed
    from counted
    cross join windows
),

summed as (
    select
        signup_month,
        step,
        conversion_window,
        window_days,
        sum(users) as users,
        sum(case when is_passed then users else 0 end) as eligible,
        sum(case when is_passed and taken_days <= window_days then users else 0 end)
            as converted
    from cells
    group by signup_month, step, conversion_window, window_days
),

final as (
    select
        signup_month,
        step,
        conversion_window,
        cast(users as bigint) as users,
        cast(eligible as bigint) as eligible,
        cast(converted as bigint) as converted,
        {{ ratio('converted', 'eligible') }} as conversion_rate,
        users = eligible and window_days < {{ unbounded }} as is_complete
    from summed
    order by signup_month, step, window_days
)

select * from final
