with sales as (
    select
        receipts.store,
        receipts.source_table = 'subscription_events' as is_event,
        receipts.token_hash,
        lower(receipts.order_id) as order_number,
        screened.names_expires_at,
        stores.sale_is,
        coalesce(receipts.duplicate_of, receipts.receipt_id) as sale_id
    from {{ ref('fct_receipts') }} as receipts
    inner join {{ ref('int_receipts_screened') }} as screened
        on receipts.receipt_id = screened.receipt_id
    inner join {{ ref('int_stores') }} as stores on receipts.store = stores.store
    where
        receipts.verdict in (
            'counted', 'unpriced', 'implausible', 'duplicate_token', 'duplicate_order', 'replayed'
        )
)

select
    store,
    is_event,
    token_hash as proof
from sales
where token_hash is not null and not is_event and sale_is = 'token_or_order'
group by store, is_event, token_hash
having count(distinct sale_id) > 1
union all
select
    store,
    is_event,
    order_number
from sales
where order_number is not null
group by store, is_event, order_number, names_expires_at
having count(distinct sale_id) > 1
