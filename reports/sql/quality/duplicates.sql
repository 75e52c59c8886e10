-- Groups of receipts that are one sale.
select
    match_kind,
    count(*) as duplicate_groups,
    sum(receipts) as receipts,
    sum(excess_usd) as excess_usd
from receipt_duplicates
group by match_kind
order by excess_usd desc nulls last, match_kind
