select
    'custom_courses' as source_table,
    id as source_id,
    user_id,
    case
        when not coalesce(regexp_full_match({{ lowered('checksum') }}, '[0-9a-f]{32}'), false)
            then 'malformed'
        when document_fault = 'of another content' then document_fault
        else 'right'
    end as checksum,
    if(document_fault in ('no object', 'a key repeats'), document_fault, 'sound') as document
from {{ source('raw', 'custom_courses') }}
