with counted as (
    select
        *,
        count(*) over (partition by link_token_hash) as purchases
    from {{ source('raw', 'custom_course_purchases') }}
    where link_token_hash is not null
)

select
    'custom_course_purchases' as source_table,
    p.id as source_id,
    c.user_id,
    'The link that opens the form is also another purchase''s' as explanation,
    cast(null as decimal(18, 4)) as money_at_stake_usd
from counted as p
left join {{ source('raw', 'custom_courses') }} as c on p.course_id = c.id
where p.purchases > 1
