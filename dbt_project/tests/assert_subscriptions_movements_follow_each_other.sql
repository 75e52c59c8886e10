with ordered as (
    select
        *,
        coalesce(lag(mrr_after_usd) over user_movements, 0) as previous_after_usd,
        row_number() over user_movements as user_movement_number
    from {{ ref('fct_mrr_movements') }}
    window user_movements as (partition by user_id order by movement_at)
)

select ordered.movement_id
from ordered
cross join {{ ref('int_clock') }} as clock
left join {{ ref('stg_user_profile') }} as profiles on ordered.user_id = profiles.user_id
where
    ordered.previous_after_usd <> ordered.mrr_before_usd
    or ordered.movement_at > clock.as_of_at
    or ordered.movement_date <> cast(ordered.movement_at as date)
    or (ordered.user_movement_number = 1) <> (ordered.movement_type = 'new')
    or coalesce(profiles.is_test, false)
