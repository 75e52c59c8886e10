with dated as (
    select
        'ai_credit_purchases' as source_table,
        id,
        transaction_date
    from {{ source('raw', 'ai_credit_purchases') }}
    union all
    select
        'course_purchases' as source_table,
        id,
        transaction_date
    from {{ source('raw', 'course_purchases') }}
),

times as (
    select
        j.source_table,
        j.source_id,
        j.user_id,
        coalesce(j.time_fault, 'readable') as state,
        coalesce({{ stripped('d.transaction_date') }}, '') as text
    from {{ ref('int_receipts_judged') }} as j
    left join dated as d on j.source_table = d.source_table and j.source_id = d.id
    where j.store in (select s.store from {{ ref('int_stores') }} as s)
    union all
    select
        'subscriptions' as source_table,
        id as source_id,
        user_id,
        case
            when try_cast(transaction_date as timestamptz) is null then 'unreadable'
            when
                not regexp_matches({{ stripped('transaction_date') }}, '(Z|z|[+-]\d\d(:?\d\d)?)$')
                then 'unreadable'
            when
                transaction_date::timestamptz < timestamptz '2010-01-01 00:00:00+00'
                or timezone('UTC', transaction_date::timestamptz) > _loaded_at then 'implausible'
            else 'readable'
        end as state,
        {{ stripped('transaction_date') }} as text
    from {{ source('raw', 'subscriptions') }}
    where {{ stripped('transaction_date') }} is not null
)

select
    source_table,
    source_id,
    user_id,
    case
        when state in ('unreadable', 'implausible') and regexp_full_match(text, '\d{9,10}')
            then 'epoch seconds'
        when state <> 'unreadable' then state
        when regexp_full_match(text, '-?\d+') then 'a number'
        when not regexp_full_match(text, '\d{4}-\d\d-\d\d.*') then 'unreadable'
        when try_cast(text as timestamptz) is null then 'unreadable'
        when regexp_matches(text, '(Z|z|[+-]\d\d(:?\d\d)?)$') then 'ISO 8601'
        else 'local time without zone'
    end as state
from times
