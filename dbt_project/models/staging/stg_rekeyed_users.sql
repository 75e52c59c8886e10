{{ config(materialized='table') }}

with standing as (
    select
        user_id,
        created_at,
        lower(trim(referral_code)) as code_key
    from {{ source('raw', 'user_profile') }}
),

gone as (
    select distinct
        user_id,
        created_at,
        lower(trim(referral_code)) as code_key
    from {{ source('past', 'user_profile') }}
    where _op = 'delete' and created_at is not null and trim(referral_code) <> ''
),

matched as (
    select
        gone.user_id as old_user_id,
        min(standing.user_id) as user_id
    from gone
    inner join standing
        on gone.code_key = standing.code_key and gone.created_at = standing.created_at
    where gone.user_id not in (select present.user_id from standing as present)
    group by gone.user_id
)

select * from matched
