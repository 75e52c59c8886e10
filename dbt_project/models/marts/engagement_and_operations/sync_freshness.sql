with bands as (
    select band.* from (
        values
        (1, '0-1 d', 0, 1),
        (2, '2-7 d', 2, 7),
        (3, '8-30 d', 8, 30),
        (4, '31-90 d', 31, 90),
        (5, 'over 90 d', 91, 1000000),
        (6, 'never', -1, -1)
    ) as band (band_number, age_band, first_day, last_day)
),

profiles as (
    select * from {{ ref('stg_user_profile') }}
    where not is_test and source_deleted_at is null
),

answers as (
    select
        user_id,
        max(updated_at) as synced_at
    from {{ ref('stg_cached_handshake_responses') }}
    group by user_id
),

clock as (
    select * from {{ ref('int_clock') }}
),

aged as (
    select
        profiles.user_id,
        case
            when answers.synced_at is null then -1
            when answers.synced_at >= clock.as_of_at then 0
            else floor({{ hours_between('answers.synced_at', 'clock.as_of_at') }} / 24)
        end as age_days
    from profiles
    cross join clock
    left join answers on profiles.user_id = answers.user_id
),

counted as (
    select
        bands.band_number,
        bands.age_band,
        count(aged.user_id) as users
    from bands
    left join aged on aged.age_days between bands.first_day and bands.last_day
    group by bands.band_number, bands.age_band
),

final as (
    select
        age_band,
        users,
        {{ ratio('users', 'sum(users) over ()') }} as share_rate,
        cast(band_number as bigint) as band_number
    from counted
)

select * from final
order by band_number
