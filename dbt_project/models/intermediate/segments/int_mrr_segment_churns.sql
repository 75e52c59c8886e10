-- One row per month, dimension and segment: the customers who stood in it as the month began and
-- churned in the month, in whatever segment by then.
with steps as (
    select
        *,
        {{ month_start('changed_at') }} as movement_month
    from {{ ref('int_mrr_segment_steps') }}
),

-- Each customer's first step of a month tells where the month found them.
month_steps as (
    select
        *,
        row_number() over (partition by user_id, movement_month order by changed_at) as place,
        max(case when movement_type = 'churn' then 1 else 0 end)
            over (partition by user_id, movement_month)
            as has_churned
    from steps
),

lost as (
    select * from month_steps
    where place = 1 and has_churned = 1 and mrr_before_usd > 0
),

final as (
    {% for name in segment_dimensions() -%}
        select
            movement_month,
            '{{ name }}' as dimension,
            {{ name }}_before as segment,
            count(*) as customers
        from lost
        group by movement_month, {{ name }}_before
        {{ "union all" if not loop.last }}
    {% endfor -%}
)

select * from final
