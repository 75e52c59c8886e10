with source as (
    select user_id as referred_user_id
    from {{ source('raw', 'user_profile') }}
    where {{ stripped('referred_by_code') }} is not null
    union
    select gone.user_id
    from {{ source('past', 'user_profile') }} as gone
    anti join {{ source('raw', 'user_profile') }} as p on gone.user_id = p.user_id
    anti join {{ ref('stg_rekeyed_users') }} as moved on gone.user_id = moved.old_user_id
    where gone._op = 'delete'
    group by gone.user_id
    having
        nullif(max_by({{ without_blanks('gone.referred_by_code') }}, gone._seen_at), '') is not null
),

mart as (
    select
        referred_user_id,
        count(*) as mart_rows
    from {{ ref('fct_referrals') }}
    group by all
)

select
    coalesce(source.referred_user_id, mart.referred_user_id) as referred_user_id,
    coalesce(mart.mart_rows, 0) as mart_rows
from source
full join mart on source.referred_user_id = mart.referred_user_id
where mart.mart_rows is distinct from 1 or source.referred_user_id is null
order by all
