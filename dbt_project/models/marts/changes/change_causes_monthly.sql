{%- set mrr_causes = ["customers", "plan_mix", "store_mix", "list_price", "discount"] -%}
{%- set revenue_causes = [
    "charges", "product_mix", "store_mix", "list_price", "discount", "exchange_rate", "local_price",
    "refunds"
] -%}
{%- set deductions = ["tax", "store_fee_volume", "store_fee_rate"] -%}
with clock as (
    select * from {{ ref('int_clock') }}
),

movements as (
    select * from {{ ref('mrr_movement_causes') }}
),

revenue as (
    select * from {{ ref('revenue_changes_monthly') }}
),

deducted as (
    select * from {{ ref('proceeds_changes_monthly') }}
),

told as (
    {% for cause in mrr_causes %}
        select
            'mrr' as measure,
            movement_month as month,
            movement_type as part,
            '{{ cause }}' as cause,
            sum({{ cause }}_usd) as amount_usd
        from movements
        group by movement_month, movement_type
        union all
    {% endfor %}
    {% for measure in ["net_revenue", "proceeds"] %}
        {% for cause in revenue_causes %}
            select
                '{{ measure }}' as measure,
                revenue_month as month,
                product_kind as part,
                '{{ cause }}' as cause,
                sum({{ cause }}_usd) as amount_usd
            from revenue
            group by revenue_month, product_kind
            union all
        {% endfor %}
    {% endfor %}
    {% for cause in deductions %}
        select
            'proceeds' as measure,
            revenue_month as month,
            product_kind as part,
            '{{ cause }}' as cause,
            sum({{ cause }}_usd) as amount_usd
        from deducted
        group by revenue_month, product_kind
        {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

starts as (
    select
        measure,
        min(month) as first_month
    from told
    group by measure
),

leaves as (
    select distinct
        told.measure,
        told.part,
        told.cause,
        starts.first_month
    from told
    inner join starts on told.measure = starts.measure
    where told.cause <> 'customers' or told.part not in ('expansion', 'contraction')
),

calendar as (
    select
        leaves.measure,
        leaves.part,
        leaves.cause,
        leaves.first_month,
        {{ months_through('leaves.first_month', 'clock.as_of_month') }} as month
    from leaves
    cross join clock
),

filled as (
    select
        calendar.*,
        cast(coalesce(told.amount_usd, 0) as decimal(18, 8)) as amount_usd
    from calendar
    left join told
        on
            calendar.measure = told.measure
            and calendar.month = told.month
            and calendar.part = told.part
            and calendar.cause = told.cause
),

final as (
    select
        filled.measure,
        filled.month,
        filled.part,
        filled.cause,
        filled.amount_usd,
        -- New customers and churn come every month; a change of revenue is a difference already.
        case
            when
                filled.measure = 'mrr'
                and {{ add_months('filled.first_month', 3) }} <= filled.month
                then {{ decimal_of(
                    'cast(sum(filled.amount_usd) over three_before as ' ~ type_double() ~ ') / 3', 18, 8
                ) }}
        end as usual_usd,
        case
            when filled.measure = 'mrr'
                then {{ is_complete('filled.month', 'month', waits_for_grace=true) }}
            else {{ is_complete('filled.month', 'month') }}
        end as is_complete
    from filled
    cross join clock
    window
        three_before as (
            partition by filled.measure, filled.part, filled.cause
            order by filled.month
            rows between 3 preceding and 1 preceding
        )
    order by filled.measure, filled.month, filled.part, filled.cause
)

select * from final
