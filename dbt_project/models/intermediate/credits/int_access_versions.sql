-- A user's access, free or premium, as each extraction saw it: [seen_from_at, seen_until_at).
with states as (
    select * from {{ ref('int_billing_state_versions') }}
),

final as (
    select
        user_id,
        seen_at as seen_from_at,
        lead(seen_at, 1, {{ end_of_time() }}) over (
            partition by user_id order by seen_at
        ) as seen_until_at,
        case when not is_deleted and plan = 'premium' then 'premium' else 'free' end as access
    from states
)

select * from final
