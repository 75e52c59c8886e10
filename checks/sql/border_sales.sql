-- name: receipts
-- Purchases as the app stored them: what a sale must show of itself.
select
    'ai_credit_purchases' as source_table,
    id as source_id,
    user_id,
    coalesce(nullif(lower(trim(source)), ''), 'absent') as store,
    coalesce(nullif(regexp_replace(lower(trim(status)), '^purchasestatus\.', ''), ''), 'absent')
        as status,
    if(purchase_token_hash is null, 'absent', 'present') as token,
    if(nullif(trim(purchase_id), '') is null, 'absent', 'present') as order_number,
    if(credits_amount > 0, 'recorded', 'absent') as credits
from raw.ai_credit_purchases
union all
select
    'course_purchases',
    id,
    user_id,
    coalesce(nullif(lower(trim(source)), ''), 'absent'),
    coalesce(nullif(regexp_replace(lower(trim(status)), '^purchasestatus\.', ''), ''), 'absent'),
    if(lower(trim(source)) in ('google_play', 'app_store') and purchase_token_hash is null,
        'absent', 'present'),
    if(lower(trim(source)) in ('google_play', 'app_store') and nullif(trim(purchase_id), '') is null,
        'absent', 'present'),
    'free'
from raw.course_purchases
union all
select
    'custom_course_purchases',
    p.id,
    c.user_id,
    coalesce(nullif(lower(trim(p.source)), ''), 'absent'),
    'free',
    if(p.purchase_token_hash is null, 'absent', 'present'),
    if(nullif(trim(p.purchase_id), '') is null, 'absent', 'present'),
    'free'
from raw.custom_course_purchases p
left join raw.custom_courses c on c.id = p.course_id

-- name: transaction_dates
-- Times of sales in text: epoch milliseconds for packs and courses, as the marts judged them, and
-- ISO 8601 with a zone for subscriptions. `format` says as what the text reads.
with dated as (
    select 'ai_credit_purchases' as source_table, id, transaction_date from raw.ai_credit_purchases
    union all
    select 'course_purchases', id, transaction_date from raw.course_purchases
),

times as (
    select
        j.source_table,
        j.source_id,
        j.user_id,
        coalesce(j.time_fault, 'readable') as state,
        coalesce(trim(d.transaction_date), '') as text
    from intermediate.int_receipts_judged j
    left join dated d on d.source_table = j.source_table and d.id = j.source_id
    where j.store in ('google_play', 'app_store')
    union all
    select
        'subscriptions',
        id,
        user_id,
        case
            when try_cast(transaction_date as timestamptz) is null then 'unreadable'
            when not regexp_matches(trim(transaction_date), '(Z|z|[+-]\d\d(:?\d\d)?)$') then 'unreadable'
            when transaction_date::timestamptz < timestamptz '2010-01-01 00:00:00+00'
                or timezone('UTC', transaction_date::timestamptz) > _loaded_at then 'implausible'
            else 'readable'
        end,
        trim(transaction_date)
    from raw.subscriptions
    where trim(transaction_date) <> ''
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

-- name: events
-- Subscription events; `opens` those that begin a paid or trial period.
select
    'subscription_events' as source_table,
    id as source_id,
    user_id,
    coalesce(nullif(lower(trim(event_type)), ''), 'absent') as event_type,
    if(
        coalesce(lower(trim(event_type)) in ('created', 'renewed'), false),
        coalesce(nullif(lower(trim(source)), ''), 'absent'),
        'free'
    ) as store,
    case
        when not coalesce(lower(trim(event_type)) in ('created', 'renewed'), false) then 'in order'
        when expires_at is null then 'without an end'
        when expires_at <= created_at then 'ends before it begins'
        else 'in order'
    end as period
from raw.subscription_events

-- name: subscriptions
-- Present billing states.
select
    'subscriptions' as source_table,
    id as source_id,
    user_id,
    coalesce(nullif(lower(trim(plan)), ''), 'absent') as plan
from raw.subscriptions
