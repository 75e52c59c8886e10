{#
    Why a sum over customers or charges changed from one month to the next. `sums` has a row per month,
    plan and store: count, value_usd, list_usd of those there at the opening, at the closing, and of
    those who entered. The answer has a row per month and every pair of its plans and stores: what one
    of them counts for at that month's prices; without list_usd where no one has that pair.

    base_usd: the average over all, in the composition and at the prices midway between opening and
    closing. plan_mix_usd and store_mix_usd: what their plan and store make of it, each the Shapley value
    of two players: the average over both orders of setting the plan and the store, the other one drawn
    from all. base_usd + plan_mix_usd + store_mix_usd = value_usd, the average of plan and store.

    A share or average that one side lacks is that of the other; of who came and left within the month,
    their own. A plan that a store does not have costs there what it costs on average.
#}
{% macro mix_references(sums, amounts=["value", "list"]) -%}
shared as (
    select
        *,
        cast(opening_count as {{ type_double() }})
        / nullif(sum(opening_count) over (partition by month), 0) as opening_share,
        cast(closing_count as {{ type_double() }})
        / nullif(sum(closing_count) over (partition by month), 0) as closing_share,
        cast(entered_count as {{ type_double() }})
        / nullif(sum(entered_count) over (partition by month), 0) as entered_share
    from {{ sums }}
    where opening_count + closing_count + entered_count > 0
),

averaged as (
    select
        month,
        plan,
        store,
        {{ midway('opening_share', 'closing_share', 'coalesce(entered_share, 0)') }} as weight,
        {%- for amount in amounts %}
            {{ decimal_of(
                midway(
                    "cast(opening_" ~ amount ~ "_usd as " ~ type_double() ~ ") / nullif(opening_count, 0)",
                    "cast(closing_" ~ amount ~ "_usd as " ~ type_double() ~ ") / nullif(closing_count, 0)",
                    "cast(entered_" ~ amount ~ "_usd as " ~ type_double() ~ ") / nullif(entered_count, 0)"
                ), 18, 8
            ) }} as {{ amount }}_usd
            {%- if not loop.last %},{% endif %}
        {%- endfor %}
    from shared
),

plans as (
    select
        month,
        plan,
        {{ ordered_sum('weight', ['store']) }} as weight,
        coalesce(
            {{ ordered_sum('weight * value_usd', ['store']) }} / nullif({{ ordered_sum('weight', ['store']) }}, 0),
            {{ mean_of('value_usd', ['store']) }}
        ) as value_usd
    from averaged
    group by month, plan
),

stores as (
    select
        month,
        store,
        {{ ordered_sum('weight', ['plan']) }} as weight
    from averaged
    group by month, store
),

cells as (
    select
        plans.month,
        plans.plan,
        stores.store,
        plans.weight as plan_weight,
        stores.weight as store_weight,
        {{ decimal_of('coalesce(averaged.value_usd, plans.value_usd)', 18, 8) }} as value_usd
        {%- for amount in amounts if amount != "value" %},
            averaged.{{ amount }}_usd
        {%- endfor %}
    from plans
    inner join stores on plans.month = stores.month
    left join averaged
        on
            plans.month = averaged.month
            and plans.plan = averaged.plan
            and stores.store = averaged.store
),

of_plans as (
    select
        month,
        plan,
        {{ ordered_sum('store_weight * value_usd', ['store']) }} as value_usd
    from cells
    group by month, plan
),

of_stores as (
    select
        month,
        store,
        {{ ordered_sum('plan_weight * value_usd', ['plan']) }} as value_usd
    from cells
    group by month, store
),

of_months as (
    select
        month,
        {{ decimal_of(ordered_sum('weight * value_usd', ['plan', 'store']), 18, 8) }} as base_usd
    from averaged
    group by month
),

mixed as (
    select
        cells.month,
        cells.plan,
        cells.store,
        of_months.base_usd,
        {%- for amount in amounts %}
            cells.{{ amount }}_usd,
        {%- endfor %}
        {{ decimal_of(
            '(of_plans.value_usd - of_months.base_usd + cells.value_usd - of_stores.value_usd) / 2', 18, 8
        ) }} as plan_mix_usd
    from cells
    inner join of_months on cells.month = of_months.month
    inner join of_plans on cells.month = of_plans.month and cells.plan = of_plans.plan
    inner join of_stores on cells.month = of_stores.month and cells.store = of_stores.store
),

final as (
    select
        *,
        cast(value_usd - base_usd - plan_mix_usd as decimal(18, 8)) as store_mix_usd
    from mixed
)
{%- endmacro %}

{# DOUBLE midway between two; the one that is there, else a third. #}
{% macro midway(one, other, third) -%}
    coalesce(({{ one }} + {{ other }}) / 2, {{ one }}, {{ other }}, {{ third }})
{%- endmacro %}
