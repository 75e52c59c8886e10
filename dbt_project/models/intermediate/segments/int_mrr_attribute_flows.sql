{%- set dimensions = segment_dimensions() %}
with steps as (
    select
        *,
        {{ month_start('changed_at') }} as movement_month,
        mrr_before_usd > 0
        and mrr_after_usd > 0
        and (
            {%- for name in dimensions %}
                {{ "or " if not loop.first }}{{ name }}_before <> {{ name }}_after
            {%- endfor %}
        ) as is_switch,
        row_number() over (
            partition by user_id, {{ month_start('changed_at') }} order by changed_at
        ) as month_place,
        max(case when movement_type = 'churn' then 1 else 0 end) over (
            partition by user_id, {{ month_start('changed_at') }}
        ) as has_churned,
        last_value(mrr_after_usd) over (
            partition by user_id, {{ month_start('changed_at') }}
            order by changed_at rows between unbounded preceding and unbounded following
        ) as month_closing_usd
    from {{ ref('int_mrr_segment_steps') }}
),

-- Where a step finds the customer: the month's first one says who of its opening churned, and what
-- became of the MRR of its opening by the month's end.
left_sides as (
    select
        movement_month,
        {%- for name in dimensions %}
            {{ name }}_before as {{ name }},
        {%- endfor %}
        cast(null as {{ type_text() }}) as movement_type,
        cast(0 as decimal(18, 4)) as mrr_delta_usd,
        case when is_switch then cast(-mrr_before_usd as decimal(18, 4)) else 0 end
            as switched_usd,
        case when is_switch then -1 else 0 end as switched_customers,
        case when month_place = 1 then has_churned else 0 end as churned_of_opening,
        case when month_place = 1 then month_closing_usd - mrr_before_usd else 0 end
            as change_of_opening_usd
    from steps
    where mrr_before_usd > 0 and (is_switch or month_place = 1)
),

entered_sides as (
    select
        movement_month,
        {%- for name in dimensions %}
            coalesce({{ name }}_after, {{ name }}_before) as {{ name }},
        {%- endfor %}
        movement_type,
        mrr_delta_usd,
        case when is_switch then mrr_before_usd else 0 end as switched_usd,
        case when is_switch then 1 else 0 end as switched_customers,
        0 as churned_of_opening,
        0 as change_of_opening_usd
    from steps
),

sides as (
    select * from left_sides
    union all
    select * from entered_sides
),

final as (
    select
        movement_month,
        {%- for name in dimensions %}
            {{ name }},
        {%- endfor %}
        {{ movement_sums() }},
        sum(switched_usd) as switched_usd,
        sum(switched_customers) as switched_customers,
        sum(churned_of_opening) as churned_of_opening_customers,
        sum(change_of_opening_usd) as change_of_opening_usd,
        sum(greatest(-change_of_opening_usd, 0)) as loss_of_opening_usd
    from sides
    group by movement_month, {{ dimensions | join(", ") }}
)

select * from final
