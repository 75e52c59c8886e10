with keys as (
    select
        'analytics' as source_table,
        id as source_id,
        user_id,
        user_id as owner_id,
        course_code as code,
        '' as number
    from {{ source('raw', 'analytics') }}
    union all
    select
        'audio_usage' as source_table,
        id as source_id,
        user_id,
        user_id as owner_id,
        course_code as code,
        audio_number as number
    from {{ source('raw', 'audio_usage') }}
    union all
    select
        'cohorts' as source_table,
        id as source_id,
        null as user_id,
        null as owner_id,
        code,
        '' as number
    from {{ source('raw', 'cohorts') }}
    union all
    select
        'courses' as source_table,
        id as source_id,
        null as user_id,
        null as owner_id,
        course_code as code,
        '' as number
    from {{ source('raw', 'courses') }}
    union all
    select
        'discount_codes' as source_table,
        id as source_id,
        null as user_id,
        null as owner_id,
        code,
        '' as number
    from {{ source('raw', 'discount_codes') }}
    union all
    select
        'user_profile' as source_table,
        user_id as source_id,
        user_id,
        null as owner_id,
        referral_code as code,
        '' as number
    from {{ source('raw', 'user_profile') }}
),

stripped as (
    select
        source_table,
        source_id,
        user_id,
        owner_id,
        lower(regexp_replace(code, '^\s+|\s+$', '', 'g')) as code,
        lower(regexp_replace(number, '^\s+|\s+$', '', 'g')) as number
    from keys
),

counted as (
    select
        *,
        count(*) over (partition by source_table, owner_id, code, number) as holders
    from stripped
    where code <> '' and number is not null
)

select
    source_table,
    source_id,
    user_id,
    'Another row has the same key but for blanks or case' as explanation,
    cast(0 as decimal(18, 4)) as money_at_stake_usd
from counted
where holders > 1
