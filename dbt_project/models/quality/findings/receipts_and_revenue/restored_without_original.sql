select
    r.source_table,
    r.source_id,
    r.user_id,
    'Restored, but no counted receipt shares its token or order: nothing was earned' as explanation,
    r.paid_usd as money_at_stake_usd
from {{ ref('int_receipts_judged') }} as r
where r.is_restored_without_sale
