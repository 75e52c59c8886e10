-- A user's access, free or premium, as each extraction saw it: [seen_from_at, seen_until_at).
with {{ versions_seen("subscriptions") }},

ranked as (
    select
        user_id,
        _seen_at as seen_from_at,
        case
            when _op <> 'delete' and lower(trim(plan)) = 'premium' then 'premium' else 'free'
        end as access,
        row_number() over (
            partition by user_id, _seen_at
            order by case when _op = 'delete' then 1 else 0 end, updated_at desc, id desc
        ) as choice
    from history
    where user_id is not null
),

final as (
    select
        user_id,
        seen_from_at,
        lead(seen_from_at, 1, timestamp '9999-12-31 00:00:00') over (
            partition by user_id order by seen_from_at
        ) as seen_until_at,
        access
    from ranked
    where choice = 1
)

select * from final
