select {{ doubtful_share("r.verdict in ('duplicate_token', 'duplicate_order', 'replayed')") }}
from {{ ref('fct_receipts') }} as r
where r.verdict not in ('not_a_sale', 'test', 'future')
having {{ is_too_large_a_share() }}
