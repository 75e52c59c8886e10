-- One row per user with a billing state: the one that stands, else the last that did; of several
-- the one changed last. `access` is what the app then granted: premium or free. A state that was
-- deleted while the account stayed grants nothing.
with subscriptions as (
    select * from {{ ref('stg_subscriptions') }}
),

profiles as (
    select * from {{ ref('stg_user_profile') }}
),

ranked as (
    select
        *,
        row_number() over (
            partition by user_id
            order by {{ last_known_first('subscription_id') }}
        ) as place
    from subscriptions
    where user_id is not null
),

final as (
    select
        ranked.user_id,
        ranked.subscription_id,
        case
            when
                ranked.source_deleted_at is null
                or ranked.source_deleted_at >= profiles.source_deleted_at
                then coalesce(ranked.plan, 'free')
            else 'free'
        end as access,
        ranked.expires_at,
        ranked.auto_renew,
        ranked.updated_at,
        ranked.source_deleted_at
    from ranked
    left join profiles on ranked.user_id = profiles.user_id
    where ranked.place = 1
)

select * from final
