-- Successive versions of what the app granted a user, free or premium, as its billing state says. A
-- state that is gone while the account stays grants nothing; one that closed with it is no version.
with {{ versions_seen("subscriptions") }},

profiles as (
    select * from {{ ref('stg_user_profile') }}
),

ranked as (
    select
        history.user_id,
        case
            when history._op = 'delete' then 'free'
            else coalesce(nullif(lower(trim(history.plan)), ''), 'free')
        end as access,
        case when history._op <> 'delete' then history.updated_at end as updated_at,
        history._seen_at as seen_at,
        row_number() over (
            partition by history.user_id, history._seen_at
            order by
                case when history._op = 'delete' then 1 else 0 end,
                history.updated_at desc nulls last,
                history.id asc
        ) as choice
    from history
    left join profiles on history.user_id = profiles.user_id
    where
        history.user_id is not null
        and (
            history._op <> 'delete'
            or coalesce(history._seen_at < profiles.source_deleted_at, true)
        )
),

versions as (
    select * from ranked
    where choice = 1
),

{{ version_timed(["user_id"]) }},

final as (
    select
        user_id,
        version_number,
        observed_at,
        seen_at,
        access
    from timed
)

select * from final
