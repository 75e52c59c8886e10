with versions as (
    select
        id,
        user_id,
        no_of_plays,
        lag(no_of_plays) over (
            partition by user_id, course_code, audio_number order by _seen_at, updated_at
        ) as previous_plays
    from {{ source('history', 'audio_usage') }}
    where _op <> 'delete'
)

select
    'audio_usage' as source_table,
    id as source_id,
    user_id,
    concat(
        'The play counter fell by ', max(previous_plays - no_of_plays), ', as after a reinstall'
    ) as explanation,
    cast(0 as decimal(18, 4)) as money_at_stake_usd
from versions
where no_of_plays < previous_plays
group by id, user_id
