select
    'audio_usage' as source_table,
    id as source_id,
    user_id,
    no_of_plays
from {{ source('raw', 'audio_usage') }}
