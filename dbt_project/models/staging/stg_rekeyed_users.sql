{{ config(materialized='table') }}

-- Who had the same time of creation and, at any time, the same referral code is one person: the id
-- that stands, else the one that went last.
with recursive profiles as (
    select
        user_id,
        created_at,
        {{ lowered('referral_code') }} as code_key,
        cast(null as timestamp) as gone_at
    from {{ source('raw', 'user_profile') }}
    union all
    select
        user_id,
        created_at,
        {{ lowered('referral_code') }} as code_key,
        case when _op = 'delete' then _seen_at end as gone_at
    from {{ source('past', 'user_profile') }}
),

lives as (
    select
        profiles.user_id,
        case
            when standing.user_id is not null then {{ end_of_time() }}
            else max(profiles.gone_at)
        end as gone_at
    from profiles
    left join {{ source('raw', 'user_profile') }} as standing
        on profiles.user_id = standing.user_id
    group by profiles.user_id, standing.user_id
),

held as (
    select distinct
        profiles.created_at,
        profiles.code_key,
        lives.user_id,
        lives.gone_at
    from profiles
    inner join lives on profiles.user_id = lives.user_id
    where profiles.created_at is not null and profiles.code_key is not null
),

followed as (
    select
        earlier.user_id as old_user_id,
        later.user_id,
        row_number() over (
            partition by earlier.user_id order by later.gone_at desc nulls last, later.user_id asc
        ) as choice
    from held as earlier
    inner join held as later
        on
            earlier.created_at = later.created_at
            and earlier.code_key = later.code_key
            and (
                earlier.gone_at < later.gone_at
                or (earlier.gone_at = later.gone_at and earlier.user_id > later.user_id)
            )
    where earlier.gone_at < {{ end_of_time() }}
),

hops as (
    select
        old_user_id,
        user_id
    from followed
    where choice = 1
),

-- Each hop leads to an id that went later.
reached as (
    select
        old_user_id,
        user_id
    from hops
    union all
    select
        reached.old_user_id,
        hops.user_id
    from reached
    inner join hops on reached.user_id = hops.old_user_id
),

final as (
    select
        reached.old_user_id,
        reached.user_id
    from reached
    left join hops on reached.user_id = hops.old_user_id
    where hops.old_user_id is null
)

select * from final
