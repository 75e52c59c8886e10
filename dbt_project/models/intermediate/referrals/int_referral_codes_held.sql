-- One row per code that somebody may have signed up with, as codes are compared, its holder, and
-- from when until when it was theirs: half-open. What was first seen of a holder reaches back
-- without limit; a code ends when another takes its place or its row is gone. lookup_order is the
-- app's: discount codes, users' own codes, partners' cohorts.
with discount_codes as (
    select * from {{ ref('stg_discount_codes') }}
),

users as (
    select * from {{ ref('stg_user_profile') }}
),

cohorts as (
    select * from {{ ref('int_cohorts_unified') }}
),

user_versions as (
    select * from {{ ref('int_user_profile_versions') }}
),

discount_code_versions as (
    select * from {{ ref('stg_discount_codes_versions') }}
    where not is_deleted
),

cohort_versions as (
    select * from {{ ref('stg_cohorts_versions') }}
    where not is_deleted
),

holders as (
    select
        1 as lookup_order,
        'discount_code' as referrer_kind,
        discount_code_id as source_id,
        referrer_user_id,
        cast(null as {{ type_text() }}) as partner_code,
        created_at,
        source_deleted_at
    from discount_codes
    union all
    select
        2 as lookup_order,
        'user' as referrer_kind,
        user_id as source_id,
        user_id as referrer_user_id,
        cast(null as {{ type_text() }}) as partner_code,
        signed_up_at as created_at,
        source_deleted_at
    from users
    union all
    select
        3 as lookup_order,
        'partner' as referrer_kind,
        cohort_id as source_id,
        cast(null as {{ type_uuid() }}) as referrer_user_id,
        cohort_code as partner_code,
        created_at,
        source_deleted_at
    from cohorts
    where own_cohort_type = 'partner'
),

versions as (
    select
        2 as lookup_order,
        user_id as source_id,
        code_key,
        observed_at
    from user_versions
    union all
    select
        1 as lookup_order,
        discount_code_id as source_id,
        lower(discount_code) as code_key,
        seen_at as observed_at
    from discount_code_versions
    union all
    select
        3 as lookup_order,
        cohort_id as source_id,
        lower(cohort_code) as code_key,
        seen_at as observed_at
    from cohort_versions
),

compared as (
    select
        *,
        lag(code_key) over holder as previous_key,
        row_number() over holder as version_number
    from versions
    window holder as (partition by lookup_order, source_id order by observed_at)
),

changes as (
    select
        *,
        lead(observed_at) over (
            partition by lookup_order, source_id order by observed_at
        ) as replaced_at
    from compared
    where version_number = 1 or code_key is distinct from previous_key
),

final as (
    select
        changes.code_key,
        holders.lookup_order,
        holders.referrer_kind,
        holders.referrer_user_id,
        holders.partner_code,
        holders.created_at,
        holders.source_id,
        case
            when changes.version_number = 1 then {{ beginning_of_time() }}
            else changes.observed_at
        end as held_from_at,
        coalesce(changes.replaced_at, holders.source_deleted_at, {{ end_of_time() }})
            as held_until_at
    from changes
    inner join holders
        on
            changes.lookup_order = holders.lookup_order
            and changes.source_id = holders.source_id
    where changes.code_key is not null
)

select * from final
