{%- set told = ['country', 'lead_source', 'role', 'cohort_code', 'access', 'referral_code'] %}
{%- set told_by = {
    'profile_versions': ['country', 'lead_source', 'role', 'referral_code'],
    'access_versions': ['access'],
    'cohort_versions': ['cohort_code'],
} %}
-- One row per user and version of what is known of them: profile, access and cohort on one line of
-- time. Facts join it by their own time through the macro `holds_at`: every instant of a user falls
-- into one version, since the first holds back to the beginning and the last has no end.
--
-- What was first seen of a user reaches back to the sign-up. A billing state or a cohort that came
-- only after the profile was first seen did not hold before: free, and unknown.
with profiles as (
    select * from {{ ref('stg_user_profile') }}
),

payers as (
    select * from {{ ref('int_retention_members') }}
),

profile_versions as (
    select * from {{ ref('int_user_profile_versions') }}
),

access_versions as (
    select * from {{ ref('int_user_access_versions') }}
),

cohort_versions as (
    select * from {{ ref('int_user_cohort_versions') }}
),

first_versions as (
    select
        profile_versions.user_id,
        coalesce(profiles.signed_up_at, profile_versions.observed_at) as valid_from_at,
        profile_versions.seen_at,
        profile_versions.country,
        profile_versions.lead_source,
        profile_versions.role,
        profile_versions.referral_code,
        coalesce(access_versions.access, 'free') as access,
        coalesce(cohort_versions.cohort_code, 'unknown') as cohort_code
    from profile_versions
    inner join profiles on profile_versions.user_id = profiles.user_id
    left join access_versions
        on
            profile_versions.user_id = access_versions.user_id
            and profile_versions.version_number = access_versions.version_number
            and profile_versions.seen_at >= access_versions.seen_at
    left join cohort_versions
        on
            profile_versions.user_id = cohort_versions.user_id
            and profile_versions.version_number = cohort_versions.version_number
            and profile_versions.seen_at >= cohort_versions.seen_at
    where profile_versions.version_number = 1
),

later_versions as (
    {% for versions, columns in told_by.items() %}
        select
            {% for column in told %}
                {{ 'cast(null as ' ~ type_text() ~ ') as ' if column not in columns }}{{ column }},
            {% endfor %}
            user_id,
            observed_at,
            seen_at,
            version_number
        from {{ versions }}
        {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

changes as (
    select
        later_versions.user_id,
        greatest(later_versions.observed_at, first_versions.valid_from_at) as valid_from_at,
        later_versions.seen_at,
        later_versions.country,
        later_versions.lead_source,
        later_versions.role,
        later_versions.referral_code,
        later_versions.access,
        later_versions.cohort_code
    from later_versions
    inner join first_versions on later_versions.user_id = first_versions.user_id
    where later_versions.version_number > 1 or later_versions.seen_at > first_versions.seen_at
),

changed_users as (
    select distinct user_id from changes
),

steps as (
    select first_versions.* from first_versions
    inner join changed_users on first_versions.user_id = changed_users.user_id
    union all
    select * from changes
),

filled as (
    select
        user_id,
        valid_from_at,
        {{ last_known_value('country', 'so_far') }} as country,
        {{ last_known_value('lead_source', 'so_far') }} as lead_source,
        {{ last_known_value('role', 'so_far') }} as role,
        {{ last_known_value('cohort_code', 'so_far') }} as cohort_code,
        {{ last_known_value('access', 'so_far') }} as access,
        {{ last_known_value('referral_code', 'so_far') }} as referral_code,
        count(*) over so_far as step
    from steps
    window so_far as (
        partition by user_id
        order by valid_from_at, seen_at, country nulls last, access nulls last
        rows between unbounded preceding and current row
    )
),

-- Of steps at one instant the last, and of those only what says something else than the one before.
settled as (
    select
        *,
        lead(valid_from_at) over (partition by user_id order by step) as next_from_at
    from filled
),

compared as (
    select
        *,
        lag({{ row_of(told) }}) over (partition by user_id order by step) as previous
    from settled
    where next_from_at is null or valid_from_at < next_from_at
),

distinct_versions as (
    select
        user_id,
        valid_from_at,
        country,
        lead_source,
        role,
        cohort_code,
        access,
        referral_code
    from compared
    where
        previous is distinct from {{ row_of(told) }}
    union all
    select
        first_versions.user_id,
        first_versions.valid_from_at,
        first_versions.country,
        first_versions.lead_source,
        first_versions.role,
        first_versions.cohort_code,
        first_versions.access,
        first_versions.referral_code
    from first_versions
    left join changed_users on first_versions.user_id = changed_users.user_id
    where changed_users.user_id is null
),

bounded as (
    select
        *,
        lag(valid_from_at) over user_versions as previous_from_at,
        lead(valid_from_at) over user_versions as valid_to_at
    from distinct_versions
    window user_versions as (partition by user_id order by valid_from_at)
),

final as (
    select
        bounded.user_id,
        bounded.valid_from_at,
        bounded.valid_to_at,
        case
            when bounded.previous_from_at is null then {{ beginning_of_time() }}
            else bounded.valid_from_at
        end as holds_from_at,
        coalesce(bounded.valid_to_at, {{ end_of_time() }}) as holds_until_at,
        bounded.country,
        bounded.lead_source,
        bounded.role,
        profiles.is_test,
        bounded.cohort_code,
        bounded.access,
        bounded.referral_code,
        {{ acquisition_of('profiles.referred_by_code') }} as acquisition,
        {{ month_start('profiles.signed_up_at') }} as signup_month,
        {{ month_name('profiles.signed_up_at') }} as signup_cohort,
        payers.first_paid_month,
        {{ month_name('payers.first_paid_month') }} as first_paid_cohort
    from bounded
    inner join profiles on bounded.user_id = profiles.user_id
    left join payers on bounded.user_id = payers.user_id
)

select * from final
