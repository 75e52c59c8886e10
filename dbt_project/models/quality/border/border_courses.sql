select
    'courses' as source_table,
    id as source_id,
    cast(null as uuid) as user_id,
    if(
        coalesce(json_type(try_cast(audio as json)) in ('ARRAY', 'OBJECT', 'NULL'), audio is null)
        and coalesce(
            json_type(try_cast(workbooks as json)) in ('ARRAY', 'OBJECT', 'NULL'), workbooks is null
        ),
        'sound',
        'neither object nor list'
    ) as documents
from {{ source('raw', 'courses') }}
