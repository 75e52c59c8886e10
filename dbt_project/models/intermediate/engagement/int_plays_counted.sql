-- One row per user, course, audio and day on which the counter was seen to move: plays since it was
-- seen before, all of them where it is new or was reset.
with versions as (
    select * from {{ ref('int_play_counter_versions') }}
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
    select * from summed
    where plays > 0 or is_counter_reset
)

select * from final
