select
    'ai_credit_purchases' as source_table,
    id as source_id,
    user_id,
    coalesce(nullif(lower(trim(source)), ''), 'absent') as store,
    coalesce(nullif(regexp_replace(lower(trim(status)), '^purchasestatus\.', ''), ''), 'absent')
        as status,
    if(purchase_token_hash is null, 'absent', 'present') as token,
    if(nullif(trim(purchase_id), '') is null, 'absent', 'present') as order_number,
    if(credits_amount > 0, 'recorded', 'absent') as credits
from {{ source('raw', 'ai_credit_purchases') }}
union all
select
    'course_purchases' as source_table,
    id as source_id,
    user_id,
    coalesce(nullif(lower(trim(source)), ''), 'absent') as store,
    coalesce(nullif(regexp_replace(lower(trim(status)), '^purchasestatus\.', ''), ''), 'absent')
        as status,
    if(
        lower(trim(source)) in ('google_play', 'app_store') and purchase_token_hash is null,
        'absent', 'present'
    ) as token,
    if(
        lower(trim(source)) in ('google_play', 'app_store')
        and nullif(trim(purchase_id), '') is null,
        'absent', 'present'
    ) as order_number,
    'free' as credits
from {{ source('raw', 'course_purchases') }}
union all
select
    'custom_course_purchases' as source_table,
    p.id as source_id,
    c.user_id,
    coalesce(nullif(lower(trim(p.source)), ''), 'absent') as store,
    'free' as status,
    if(p.purchase_token_hash is null, 'absent', 'present') as token,
    if(nullif(trim(p.purchase_id), '') is null, 'absent', 'present') as order_number,
    'free' as credits
from {{ source('raw', 'custom_course_purchases') }} as p
left join {{ source('raw', 'custom_courses') }} as c on p.course_id = c.id
