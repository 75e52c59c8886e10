-- What comes into the app's courses without a store, such as a premium slot, is no sale.
select
    source_table,
    source_id,
    user_id,
    purchase_token_hash,
    purchase_id
from {{ ref('border_receipts') }}
where
    source_table <> 'course_purchases'
    or store in (select s.store from {{ ref('int_stores') }} as s)
