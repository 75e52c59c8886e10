with clock as (
    select * from {{ ref('int_clock') }}
),

movements as (
    select * from {{ ref('fct_mrr_movements') }}
),

span as (
    select min(movement_date) as first_date
    from movements
    having count(*) > 0
),

days as (
    select {{ days_through('span.first_date', 'clock.as_of_date') }} as movement_date
    from span
    cross join clock
),

flows as (
    select
        movement_date,
        {%- for flow in bridge_flows() %}
        cast(
            sum(case when movement_type = '{{ flow }}' then mrr_delta_usd else 0 end) as decimal(18, 4)
        ) as {{ flow }}_usd,
        {%- endfor %}
        count(case when movement_type = 'new' then 1 end) as new_customers,
        count(case when movement_type = 'reactivation' then 1 end) as reactivated_customers,
        count(case when movement_type = 'churn' then 1 end) as churned_customers
    from movements
    group by movement_date
),

filled as (
    select
        days.movement_date,
        {%- for flow in bridge_flows() %}
        coalesce(flows.{{ flow }}_usd, 0) as {{ flow }}_usd,
        {%- endfor %}
        coalesce(flows.new_customers, 0) as new_customers,
        coalesce(flows.reactivated_customers, 0) as reactivated_customers,
        coalesce(flows.churned_customers, 0) as churned_customers
    from days
    left join flows on days.movement_date = flows.movement_date
),

balanced as (
    select
        *,
        sum({{ bridge_flows() | join('_usd + ') }}_usd) over so_far as closing_mrr_usd,
        sum(new_customers + reactivated_customers - churned_customers) over so_far as closing_customers
    from filled
    window so_far as (order by movement_date rows between unbounded preceding and current row)
),

final as (
    select
        movement_date,
        cast(closing_mrr_usd - ({{ bridge_flows() | join('_usd + ') }}_usd) as decimal(18, 4)) as opening_mrr_usd,
        {%- for flow in bridge_flows() %}
        cast({{ flow }}_usd as decimal(18, 4)) as {{ flow }}_usd,
        {%- endfor %}
        cast(closing_mrr_usd as decimal(18, 4)) as closing_mrr_usd,
        cast(
            closing_customers - new_customers - reactivated_customers + churned_customers as bigint
        ) as opening_customers,
        cast(new_customers as bigint) as new_customers,
        cast(reactivated_customers as bigint) as reactivated_customers,
        cast(churned_customers as bigint) as churned_customers,
        cast(closing_customers as bigint) as closing_customers
    from balanced
    order by movement_date
)

select * from final
