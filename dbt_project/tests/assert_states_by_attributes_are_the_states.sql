{%- set dimensions = segment_dimensions() %}
with days as (
    select * from {{ ref('subscription_states_daily') }}
),

closings as (
    select
        {{ month_start('date') }} as month,
        max(date) as date
    from days
    group by {{ month_start('date') }}
),

daily as (
    select
        closings.month,
        days.state,
        days.customers,
        days.mrr_usd
    from days
    inner join closings on days.date = closings.date
    where days.customers > 0
),

states as (
    select
        month,
        state,
        sum(customers) as customers,
        sum(mrr_usd) as mrr_usd
    from {{ ref('subscription_states_by_attributes_monthly') }}
    group by month, state
    having sum(customers) > 0
),

bridge as (
    select
        movement_month as month,
        {{ dimensions | join(", ") }},
        closing_customers as customers,
        closing_mrr_usd as mrr_usd
    from {{ ref('mrr_bridge_by_attributes_monthly') }}
    where closing_customers > 0
),

paying as (
    select
        month,
        {{ dimensions | join(", ") }},
        sum(customers) as customers,
        sum(mrr_usd) as mrr_usd
    from {{ ref('subscription_states_by_attributes_monthly') }}
    where state <> 'trial'
    group by month, {{ dimensions | join(", ") }}
    having sum(customers) > 0
)

select coalesce(daily.month, states.month) as month
from daily
full outer join states on daily.month = states.month and daily.state = states.state
where
    daily.customers is distinct from states.customers
    or daily.mrr_usd is distinct from states.mrr_usd
union all
select coalesce(bridge.month, paying.month) as month
from bridge
full outer join paying
    on
        bridge.month = paying.month
        {%- for name in dimensions %}
            and bridge.{{ name }} = paying.{{ name }}
        {%- endfor %}
where
    bridge.customers is distinct from paying.customers
    or bridge.mrr_usd is distinct from paying.mrr_usd
