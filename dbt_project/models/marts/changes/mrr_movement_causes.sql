-- Who comes or goes is compared with all customers, who stays with their own plan, store and price
-- before: mix is then the mean over both orders of changing the plan and the store.
with states as (
    select * from {{ ref('int_mrr_states') }}
),

movements as (
    select * from {{ ref('fct_mrr_movements') }}
),

refs as (
    select * from {{ ref('int_mrr_references') }}
),

compared as (
    select
        states.*,
        {%- for side in ["before", "after"] %}
            coalesce(refs_{{ side }}.base_usd, 0) as base_{{ side }}_usd,
            coalesce(refs_{{ side }}.plan_mix_usd, 0) as plan_mix_{{ side }}_usd,
            coalesce(refs_{{ side }}.value_usd, 0) as average_{{ side }}_usd,
            coalesce(states.list_{{ side }}_usd - refs_{{ side }}.list_usd, 0)
                as list_price_{{ side }}_usd,
            coalesce(
                states.value_{{ side }}_usd - refs_{{ side }}.value_usd
                - (states.list_{{ side }}_usd - refs_{{ side }}.list_usd), 0
            ) as discount_{{ side }}_usd,
        {%- endfor %}
        refs_plan.value_usd - refs_before.value_usd as plan_first_usd,
        refs_after.value_usd - refs_store.value_usd as plan_last_usd
    from
        states
    {%- for name, plan, store in [
        ("before", "before", "before"), ("after", "after", "after"), ("plan", "after", "before"),
        ("store", "before", "after"),
    ] %}
        left join refs as refs_{{ name }}
            on
                states.month = refs_{{ name }}.month
                and states.plan_{{ plan }} = refs_{{ name }}.plan
                and states.store_{{ store }} = refs_{{ name }}.store
    {%- endfor %}
),

mixed as (
    select
        *,
        {{ decimal_of(
            'coalesce('
            'cast(plan_first_usd + plan_last_usd as ' ~ type_double() ~ ') / 2,'
            ' plan_mix_after_usd - plan_mix_before_usd)', 18, 8
        ) }} as plan_mix_usd
    from compared
),

final as (
    select
        movements.movement_id,
        movements.user_id,
        movements.movement_at,
        mixed.month as movement_month,
        movements.movement_type,
        movements.churn_reason,
        mixed.plan_before as previous_product_key,
        mixed.store_before as previous_store,
        mixed.plan_after as product_key,
        mixed.store_after as store,
        movements.mrr_delta_usd,
        cast(mixed.base_after_usd - mixed.base_before_usd as decimal(18, 8)) as customers_usd,
        mixed.plan_mix_usd,
        cast(
            mixed.average_after_usd - mixed.base_after_usd - mixed.average_before_usd
            + mixed.base_before_usd - mixed.plan_mix_usd as decimal(18, 8)
        ) as store_mix_usd,
        {%- for cause in ["list_price", "discount"] %}
            cast(mixed.{{ cause }}_after_usd - mixed.{{ cause }}_before_usd as decimal(18, 8))
                as {{ cause }}_usd
            {%- if not loop.last %},{% endif %}
        {%- endfor %}
    from movements
    inner join mixed on movements.movement_id = mixed.movement_id
    order by movements.movement_at, movements.movement_id
)

select * from final
