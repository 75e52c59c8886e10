-- No token and no order number of a store stands in two sales.
with sales as (
    select
        store,
        case when source_table = 'subscription_events' then 'event' else 'purchase' end as family,
        token_hash,
        lower(order_id) as order_number,
        coalesce(duplicate_of, receipt_id) as sale_id
    from {{ ref('fct_receipts') }}
    where verdict in ('counted', 'unpriced', 'duplicate_token', 'duplicate_order', 'replayed')
)

select
    store,
    family,
    token_hash as proof
from sales
where token_hash is not null
group by store, family, token_hash
having count(distinct sale_id) > 1
union all
select
    store,
    family,
    order_number
from sales
where order_number is not null
group by store, family, order_number
having count(distinct sale_id) > 1
