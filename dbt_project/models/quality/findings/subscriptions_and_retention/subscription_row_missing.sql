select
    'user_profile' as source_table,
    p.user_id as source_id,
    p.user_id,
    'The user has no row in subscriptions, not even a free one: the plan counts as free'
        as explanation,
    cast(0 as decimal(18, 4)) as money_at_stake_usd
from {{ source('raw', 'user_profile') }} as p
where
    not exists (
        select 1 from {{ ref('stg_subscriptions') }} as s
        where s.user_id = p.user_id and s.source_deleted_at is null
    )
