with movements as (
    select
        movement_id,
        mrr_delta_usd
    from {{ ref('fct_mrr_movements') }}
),

split as (
    select
        movement_id,
        dimension,
        sum(mrr_delta_usd) as mrr_delta_usd,
        sum(switched_usd) as switched_usd
    from {{ ref('mrr_segment_movements') }}
    group by movement_id, dimension
),

counted as (
    select
        movement_id,
        count(*) as dimensions,
        min(mrr_delta_usd) as least_usd,
        max(mrr_delta_usd) as greatest_usd,
        max(abs(switched_usd)) as switched_usd
    from split
    group by movement_id
)

-- A switch is no movement and moves nothing.
select coalesce(movements.movement_id, counted.movement_id) as movement_id
from movements
full outer join counted on movements.movement_id = counted.movement_id
where
    counted.switched_usd <> 0
    or counted.least_usd <> coalesce(movements.mrr_delta_usd, 0)
    or counted.greatest_usd <> coalesce(movements.mrr_delta_usd, 0)
    or (
        movements.movement_id is not null
        and coalesce(counted.dimensions, 0) <> {{ segment_dimensions() | length }}
    )
