select {{ doubtful_share("r.verdict = 'unpriced'") }}
from {{ ref('fct_receipts') }} as r
where r.verdict not in ('not_a_sale', 'test', 'future')
having {{ is_too_large_a_share() }}
