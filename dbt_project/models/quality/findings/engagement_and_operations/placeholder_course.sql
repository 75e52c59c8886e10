select
    'custom_course_purchases' as source_table,
    p.id as source_id,
    c.user_id,
    'Its form was sent long ago, and the course is still an empty placeholder: owed' as explanation,
    cast(null as decimal(18, 4)) as money_at_stake_usd
from {{ source('raw', 'custom_course_purchases') }} as p
inner join {{ source('raw', 'custom_courses') }} as c on p.course_id = c.id
where
    p.is_submitted
    and not coalesce(c.is_delivered, false)
    and coalesce({{ purchase_status('p.status') }}, '') <> 'refunded'
    and p.updated_at + to_days({{ var('placeholder_days') }})
    < (select clock.as_of_at from {{ ref('int_clock') }} as clock)
