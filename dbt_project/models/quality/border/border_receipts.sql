{%- set of_stores = "(select s.store from " ~ ref('int_stores') ~ " as s)" -%}
select
    'ai_credit_purchases' as source_table,
    id as source_id,
    user_id,
    {{ word_or_absent('source') }} as store,
    coalesce({{ purchase_status('status') }}, 'absent') as status,
    if(purchase_token_hash is null, 'absent', 'present') as token,
    if({{ stripped('purchase_id') }} is null, 'absent', 'present') as order_number,
    if(credits_amount > 0, 'recorded', 'absent') as credits
from {{ source('raw', 'ai_credit_purchases') }}
union all
select
    'course_purchases' as source_table,
    id as source_id,
    user_id,
    {{ word_or_absent('source') }} as store,
    coalesce({{ purchase_status('status') }}, 'absent') as status,
    if(
        {{ lowered('source') }} in {{ of_stores }} and purchase_token_hash is null,
        'absent', 'present'
    ) as token,
    if(
        {{ lowered('source') }} in {{ of_stores }} and {{ stripped('purchase_id') }} is null,
        'absent', 'present'
    ) as order_number,
    'free' as credits
from {{ source('raw', 'course_purchases') }}
union all
select
    'custom_course_purchases' as source_table,
    p.id as source_id,
    c.user_id,
    {{ word_or_absent('p.source') }} as store,
    'free' as status,
    if(p.purchase_token_hash is null, 'absent', 'present') as token,
    if({{ stripped('p.purchase_id') }} is null, 'absent', 'present') as order_number,
    'free' as credits
from {{ source('raw', 'custom_course_purchases') }} as p
left join {{ source('raw', 'custom_courses') }} as c on p.course_id = c.id
