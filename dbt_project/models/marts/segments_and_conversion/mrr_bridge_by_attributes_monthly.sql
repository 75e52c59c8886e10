{%- set dimensions = segment_dimensions() -%}
{%- set amounts = [
    "new_usd", "reactivation_usd", "expansion_usd", "contraction_usd", "churn_usd", "switched_usd"
] -%}
{%- set kept = ["change_of_opening_usd", "loss_of_opening_usd"] -%}
{%- set counts = [
    "new_customers", "reactivated_customers", "churned_customers", "switched_customers",
    "churned_of_opening_customers"
] -%}
with clock as (
    select * from {{ ref('int_clock') }}
),

flows as (
    select * from {{ ref('int_mrr_attribute_flows') }}
),

combinations as (
    select
        {%- for name in dimensions %}
            {{ name }},
        {%- endfor %}
        min(movement_month) as first_month
    from flows
    group by {{ dimensions | join(", ") }}
),

calendar as (
    select
        combinations.*,
        {{ months_through('combinations.first_month', 'clock.as_of_month') }} as movement_month
    from combinations
    cross join clock
),

filled as (
    select
        {%- for name in dimensions %}
            calendar.{{ name }},
        {%- endfor %}
        {%- for name in amounts + kept + counts %}
            coalesce(flows.{{ name }}, 0) as {{ name }},
        {%- endfor %}
        calendar.movement_month
    from calendar
    left join flows
        on
            calendar.movement_month = flows.movement_month
            {%- for name in dimensions %}
                and calendar.{{ name }} = flows.{{ name }}
            {%- endfor %}
),

netted as (
    select
        *,
        {{ amounts | join(" + ") }} as net_usd,
        new_customers + reactivated_customers - churned_customers + switched_customers
            as net_customers
    from filled
),

balanced as (
    select
        *,
        sum(net_usd) over so_far as closing_mrr_usd,
        sum(net_customers) over so_far as closing_customers
    from netted
    window
        so_far as (
            partition by {{ dimensions | join(", ") }}
            order by movement_month
            rows between unbounded preceding and current row
        )
),

final as (
    select
        balanced.movement_month,
        {%- for name in dimensions %}
            balanced.{{ name }},
        {%- endfor %}
        cast(balanced.closing_mrr_usd - balanced.net_usd as decimal(18, 4)) as opening_mrr_usd,
        {%- for name in amounts + ["closing_mrr_usd"] + kept %}
            cast(balanced.{{ name }} as decimal(18, 4)) as {{ name }},
        {%- endfor %}
        cast(balanced.closing_customers - balanced.net_customers as bigint) as opening_customers,
        {%- for name in counts + ["closing_customers"] %}
            cast(balanced.{{ name }} as bigint) as {{ name }},
        {%- endfor %}
        {{ is_complete('balanced.movement_month', 'month', waits_for_grace=true) }} as is_complete
    from balanced
    cross join clock
    where
        balanced.closing_customers <> 0
        or balanced.closing_customers <> balanced.net_customers
        {%- for name in amounts + kept + counts %}
            or balanced.{{ name }} <> 0
        {%- endfor %}
    order by balanced.movement_month, {{ dimensions | join(", ") }}
)

select * from final
