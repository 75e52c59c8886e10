select
    source_table,
    source_id,
    user_id,
    case credits_fault
        when 'credits_absurd'
            then
                'The recorded credits are far from what the pack holds: the pack''s own count holds'
        else 'The recorded credits are no whole number of packs: counted as one pack'
    end as explanation,
    paid_usd as money_at_stake_usd
from {{ ref('int_receipts_judged') }}
where credits_fault is not null
