-- name: placeholder_course
-- area: engagement_and_operations
-- asset: marts/custom_course_funnel_monthly
-- expects: a custom course is delivered within weeks of its form
select
    'custom_course_purchases' as source_table,
    p.id as source_id,
    c.user_id,
    'Its form was sent long ago, and the course is still an empty placeholder: owed' as explanation,
    cast(null as decimal(18, 4)) as money_at_stake_usd
from raw.custom_course_purchases p
inner join raw.custom_courses c on c.id = p.course_id
where
    p.is_submitted
    and not coalesce(c.is_delivered, false)
    and coalesce(lower(trim(p.status)), '') <> 'refunded'
    and p.updated_at + to_days(getvariable('placeholder_days'))
    < (select max(as_of_at) from meta.run_manifest)

-- name: play_counter_falls
-- area: engagement_and_operations
-- asset: marts/fct_listening
-- expects: play counters never fall
with versions as (
    select
        id,
        user_id,
        no_of_plays,
        lag(no_of_plays) over (
            partition by user_id, course_code, audio_number order by _seen_at, updated_at
        ) as previous_plays
    from history.audio_usage
    where _op <> 'delete'
)

select
    'audio_usage',
    id,
    user_id,
    concat('The play counter fell by ', max(previous_plays - no_of_plays), ', as after a reinstall'),
    cast(0 as decimal(18, 4))
from versions
where no_of_plays < previous_plays
group by id, user_id

-- name: orphaned_row
-- area: engagement_and_operations
-- asset: marts/dim_users
-- expects: every row's user has a profile
with owned as (
    select 'ai_credit_purchases' as source_table, id, user_id from raw.ai_credit_purchases
    union all
    select 'ai_usage', id, user_id from raw.ai_usage
    union all
    select 'analytics', id, user_id from raw.analytics
    union all
    select 'audio_usage', id, user_id from raw.audio_usage
    union all
    select 'cached_handshake_responses', id, user_id from raw.cached_handshake_responses
    union all
    select 'course_purchases', id, user_id from raw.course_purchases
    union all
    select 'custom_courses', id, user_id from raw.custom_courses
    union all
    select 'referral_credits', id, user_id from raw.referral_credits
    union all
    select 'subscription_events', id, user_id from raw.subscription_events
    union all
    select 'subscriptions', id, user_id from raw.subscriptions
    union all
    select 'user_cohorts', id, user_id from raw.user_cohorts
    union all
    select 'user_discounts', id, user_id from raw.user_discounts
)

select
    o.source_table,
    o.id,
    o.user_id,
    'The user has no profile, as after an account was given a new id: belongs to nobody known',
    cast(null as decimal(18, 4))
from owned o
where not exists (select 1 from raw.user_profile p where p.user_id = o.user_id)

-- name: link_token_repeated
-- area: engagement_and_operations
-- asset: raw/custom_course_purchases
-- expects: each purchase has its own link to the form
with counted as (
    select *, count(*) over (partition by link_token_hash) as purchases
    from raw.custom_course_purchases
    where link_token_hash is not null
)

select
    'custom_course_purchases',
    p.id,
    c.user_id,
    'The link that opens the form is also another purchase''s',
    cast(null as decimal(18, 4))
from counted p
left join raw.custom_courses c on c.id = p.course_id
where p.purchases > 1

-- name: same_but_for_blanks
-- area: engagement_and_operations
-- asset: marts/dim_courses
-- expects: keys differ in more than blanks and case
with keys as (
    select
        'analytics' as source_table,
        id as source_id,
        user_id,
        user_id as owner_id,
        course_code as code,
        '' as number
    from raw.analytics
    union all
    select 'audio_usage', id, user_id, user_id, course_code, audio_number from raw.audio_usage
    union all
    select 'cohorts', id, null, null, code, '' from raw.cohorts
    union all
    select 'courses', id, null, null, course_code, '' from raw.courses
    union all
    select 'discount_codes', id, null, null, code, '' from raw.discount_codes
    union all
    select 'user_profile', user_id, user_id, null, referral_code, '' from raw.user_profile
),

stripped as (
    select
        * exclude (code, number),
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
    'Another row has the same key but for blanks or case',
    cast(0 as decimal(18, 4))
from counted
where holders > 1
