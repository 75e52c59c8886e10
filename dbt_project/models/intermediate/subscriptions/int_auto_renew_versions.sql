-- One row per version of a subscriber's billing state: whether it renewed by itself, from
-- observed_at on. A state that was deleted says nothing more.
with subscribers as (
    select distinct user_id from {{ ref('int_subscription_openings') }}
),

ranked as (
    select
        history.user_id,
        history.auto_renew,
        history.updated_at,
        history._seen_at as seen_at,
        row_number() over (
            partition by history.user_id, history._seen_at
            order by history.updated_at desc, history.id desc
        ) as choice
    from {{ source('history', 'subscriptions') }} as history
    inner join subscribers on history.user_id = subscribers.user_id
    where history._op <> 'delete'
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
        auto_renew
    from timed
)

select * from final
