with plays as (
    select * from {{ ref('int_plays_counted') }}
),

users as (
    select * from {{ ref('int_user_attributes') }}
),

final as (
    select
        plays.user_id,
        coalesce(users.is_test, false) as is_test,
        {{ user_dimensions('users', 'plays.last_observed_at') }},
        {{ user_cohorts('users', 'plays.last_observed_at') }},
        plays.course_code,
        plays.audio_number,
        plays.observed_date,
        plays.plays,
        plays.is_counter_reset,
        plays.is_first_version
    from plays
    left join users on {{ holds_at('users', 'plays.user_id', 'plays.last_observed_at') }}
)

select * from final
order by observed_date, user_id, course_code, audio_number
