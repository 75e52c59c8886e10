with versions as (
    select * from {{ ref('int_play_counter_versions') }}
),

users as (
    select * from {{ ref('int_user_attributes') }}
),

paired as (
    select
        *,
        lag(counted_plays) over (
            partition by user_id, written_course_code, written_audio_number
            order by version_number
        ) as previous_plays
    from versions
),

played as (
    select
        *,
        coalesce(counted_plays < previous_plays, false) as is_reset,
        case
            when version_number = 1 or counted_plays < previous_plays then counted_plays
            else counted_plays - previous_plays
        end as plays
    from paired
),

summed as (
    select
        user_id,
        course_code,
        audio_number,
        cast(observed_at as date) as observed_date,
        max(observed_at) as last_observed_at,
        cast(sum(greatest(plays, 0)) as bigint) as plays,
        max(case when is_reset then 1 else 0 end) = 1 as is_counter_reset,
        max(case when version_number = 1 then 1 else 0 end) = 1 as is_first_version
    from played
    group by user_id, course_code, audio_number, cast(observed_at as date)
),

final as (
    select
        summed.user_id,
        coalesce(users.is_test, false) as is_test,
        {{ user_dimensions('users', 'summed.last_observed_at') }},
        {{ user_cohorts('users', 'summed.last_observed_at') }},
        summed.course_code,
        summed.audio_number,
        summed.observed_date,
        summed.plays,
        summed.is_counter_reset,
        summed.is_first_version
    from summed
    left join users on {{ holds_at('users', 'summed.user_id', 'summed.last_observed_at') }}
    where summed.plays > 0 or summed.is_counter_reset
)

select * from final
order by observed_date, user_id, course_code, audio_number
