-- What changes the segment carries the MRR before over, and books its own delta in the new one.
with steps as (
    select
        *,
        coalesce(
            movement_id,
            cast(user_id as {{ type_text() }}) || ':' || cast(changed_at as {{ type_text() }})
        ) as step_id,
        coalesce(movement_type, 'switch') as step_type
    from {{ ref('int_mrr_segment_steps') }}
),

{% for name in segment_dimensions() -%}
    left_{{ name }} as (
        select
            *,
            '{{ name }}' as dimension,
            {{ name }}_before as segment,
            cast(0 as decimal(18, 4)) as own_delta_usd,
            cast(-mrr_before_usd as decimal(18, 4)) as switched_usd,
            -1 as customers_delta
        from steps
        where {{ name }}_before <> {{ name }}_after
    ),

    entered_{{ name }} as (
        select
            *,
            '{{ name }}' as dimension,
            coalesce({{ name }}_after, {{ name }}_before) as segment,
            mrr_delta_usd as own_delta_usd,
            case
                when {{ name }}_before <> {{ name }}_after then mrr_before_usd
                else cast(0 as decimal(18, 4))
            end as switched_usd,
            case when mrr_after_usd > 0 then 1 else 0 end
            - case
                when mrr_before_usd > 0 and coalesce({{ name }}_before = {{ name }}_after, true)
                    then 1
                else 0
            end as customers_delta
        from steps
        where
            movement_id is not null
            or {{ name }}_before <> {{ name }}_after
    ),

{% endfor -%}
split as (
    {% for name in segment_dimensions() -%}
        select * from left_{{ name }}
        union all
        select * from entered_{{ name }}
        {{ "union all" if not loop.last }}
    {% endfor -%}
),

final as (
    select
        step_id as movement_id,
        user_id,
        changed_at as movement_at,
        cast(changed_at as date) as movement_date,
        step_type as movement_type,
        dimension,
        segment,
        own_delta_usd as mrr_delta_usd,
        switched_usd,
        cast(customers_delta as bigint) as customers_delta
    from split
    order by movement_at, movement_id, dimension, segment
)

select * from final
