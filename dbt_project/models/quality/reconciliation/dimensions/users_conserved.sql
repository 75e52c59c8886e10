-- An id that a profile left for another is the same person.
with mart as (
    select
        user_id,
        count(*) as mart_rows
    from {{ ref('dim_users') }}
    group by user_id
),

source as (
    select user_id from {{ source('raw', 'user_profile') }}
    union
    select gone.user_id
    from {{ source('past', 'user_profile') }} as gone
    anti join {{ ref('stg_rekeyed_users') }} as moved on gone.user_id = moved.old_user_id
    where gone._op = 'delete'
)

select
    coalesce(p.user_id, m.user_id) as user_id,
    coalesce(m.mart_rows, 0) as mart_rows
from source as p
full join mart as m on p.user_id = m.user_id
where m.mart_rows is distinct from 1 or p.user_id is null
order by all
