select
    'ai_credit_purchases' as source_table,
    id as source_id,
    user_id,
    {{ word_or_absent('source') }} as store,
    coalesce({{ purchase_status('status') }}, 'absent') as status,
    purchase_token_hash,
    {{ stripped('purchase_id') }} as purchase_id
from {{ source('raw', 'ai_credit_purchases') }}
union all
select
    'course_purchases' as source_table,
    id as source_id,
    user_id,
    {{ word_or_absent('source') }} as store,
    coalesce({{ purchase_status('status') }}, 'absent') as status,
    purchase_token_hash,
    {{ stripped('purchase_id') }} as purchase_id
from {{ source('raw', 'course_purchases') }}
union all
select
    'custom_course_purchases' as source_table,
    p.id as source_id,
    c.user_id,
    {{ word_or_absent('p.source') }} as store,
    'free' as status,
    p.purchase_token_hash,
    {{ stripped('p.purchase_id') }} as purchase_id
from {{ source('raw', 'custom_course_purchases') }} as p
left join {{ source('raw', 'custom_courses') }} as c on p.course_id = c.id
