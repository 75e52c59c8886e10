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

-- name: credit_balances
-- Present balances, and whether more is used than a limit and one started turn allow. An
-- allowance seen higher in the same week, or ended with premium in it, still counts; so do the
-- credits of refunded packs, which a bank may take back below what was used.
with seen as (
    select id, weekly_reset_date, max(weekly_limit_credits) as highest_limit
    from history.ai_usage
    where _op <> 'delete'
    group by all
),

leaving as (
    select distinct u.id
    from raw.ai_usage u
    inner join raw.subscriptions s on s.user_id = u.user_id
    where s.expires_at between u.weekly_reset_date - interval 7 day and u.weekly_reset_date
),

refunded as (
    select user_id, sum(credits_amount) as credits
    from raw.ai_credit_purchases
    where lower(trim(status)) = 'refunded'
    group by user_id
)

select
    'ai_usage' as source_table,
    u.id as source_id,
    u.user_id,
    least(
        u.weekly_limit_credits, u.weekly_used_credits, u.bank_limit_credits, u.bank_used_credits
    ) as lowest_credits,
    if(
        u.weekly_used_credits > getvariable('overshoot_credits') + greatest(
            u.weekly_limit_credits,
            coalesce(s.highest_limit, 0),
            if(l.id is null, 0, getvariable('premium_weekly_credits'))
        ),
        'above',
        'within'
    ) as weekly_use,
    if(
        u.bank_used_credits > u.bank_limit_credits + coalesce(r.credits, 0)
            + getvariable('overshoot_credits'),
        'above',
        'within'
    ) as bank_use,
    case
        when u.weekly_reset_date is null and u.weekly_limit_credits > 0 then 'absent'
        when u.weekly_reset_date < u.updated_at then 'overdue'
        when u.weekly_reset_date + to_days(getvariable('reset_overdue_days'))
            < (select max(as_of_at) from meta.run_manifest) then 'overdue'
        else 'ahead'
    end as reset
from raw.ai_usage u
left join seen s on s.id = u.id and s.weekly_reset_date is not distinct from u.weekly_reset_date
left join leaving l on l.id = u.id
left join refunded r on r.user_id = u.user_id

-- name: referral_credits
-- Rewards for referrals.
select
    'referral_credits' as source_table,
    id as source_id,
    user_id,
    amount,
    if(used_at > expires_at, 'used after its end', 'in time') as use
from raw.referral_credits

-- name: accounts
-- Accounts and what they may do.
select
    'user_profile' as source_table,
    user_id as source_id,
    user_id,
    coalesce(nullif(lower(trim(role)), ''), 'absent') as role
from raw.user_profile

-- name: profiles
-- Accounts that have a code of their own.
select
    'user_profile' as source_table,
    user_id as source_id,
    user_id,
    if(regexp_full_match(trim(referral_code), '(?i)U[A-Z0-9]{6}'), 'as agreed', 'another shape')
        as referral_code
from raw.user_profile
where nullif(trim(referral_code), '') is not null

-- name: cohorts
-- Groups of users.
select
    'cohorts' as source_table,
    id as source_id,
    cast(null as uuid) as user_id,
    coalesce(nullif(lower(trim(cohort_type)), ''), 'absent') as cohort_type
from raw.cohorts

-- name: discount_codes
-- Codes that lower a price.
select
    'discount_codes' as source_table,
    id as source_id,
    referrer_user_id as user_id,
    coalesce(nullif(lower(trim(product_type)), ''), 'absent') as product_type
from raw.discount_codes

-- name: discounts
-- Codes handed to users.
select
    'user_discounts' as source_table,
    id as source_id,
    user_id,
    if(used_at > expires_at, 'used after its end', 'in time') as use
from raw.user_discounts

-- name: client_logs
-- What phones report, by their own clocks.
select
    'app_logs' as source_table,
    id as source_id,
    user_id,
    coalesce(nullif(lower(trim(log_type)), ''), 'absent') as log_type,
    if(
        created_at > _loaded_at + to_minutes(getvariable('clock_ahead_minutes')), 'ahead', 'right'
    ) as clock
from raw.app_logs

-- name: server_logs
-- What edge functions report.
select
    'server_logs' as source_table,
    id as source_id,
    user_id,
    coalesce(nullif(lower(trim(level)), ''), 'absent') as level
from raw.server_logs

-- name: plays
-- Play counters.
select 'audio_usage' as source_table, id as source_id, user_id, no_of_plays
from raw.audio_usage

-- name: custom_courses
-- Made-to-order courses; their documents stay at home, their digests do not.
select
    'custom_courses' as source_table,
    id as source_id,
    user_id,
    case
        when not coalesce(regexp_full_match(lower(trim(checksum)), '[0-9a-f]{32}'), false)
            then 'malformed'
        when document_fault = 'of another content' then document_fault
        else 'right'
    end as checksum,
    if(document_fault in ('no object', 'a key repeats'), document_fault, 'sound') as document
from raw.custom_courses

-- name: manifests
-- Files that the app downloads, and whether they are what they say.
with contents as (
    select
        id, content, lower(trim(checksum)) as checksum, json_valid(content) as is_json
    from raw.master_manifests
)

select
    'master_manifests' as source_table,
    id as source_id,
    cast(null as uuid) as user_id,
    case
        when not coalesce(regexp_full_match(checksum, '[0-9a-f]{32}'), false) then 'malformed'
        when checksum <> md5(content) then 'of another content'
        else 'right'
    end as checksum,
    case
        when not is_json then 'no JSON'
        when json_type(content) not in ('OBJECT', 'ARRAY') then 'neither object nor list'
        when json_type(content) = 'OBJECT'
            and len(json_keys(content)) > len(list_distinct(json_keys(content)))
            then 'a key repeats'
        else 'sound'
    end as content
from contents

-- name: courses
-- The catalogue's documents.
select
    'courses' as source_table,
    id as source_id,
    cast(null as uuid) as user_id,
    if(
        coalesce(json_type(try_cast(audio as json)) in ('ARRAY', 'OBJECT', 'NULL'), audio is null)
        and coalesce(
            json_type(try_cast(workbooks as json)) in ('ARRAY', 'OBJECT', 'NULL'), workbooks is null
        ),
        'sound',
        'neither object nor list'
    ) as documents
from raw.courses
