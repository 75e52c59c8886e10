with unreadable as (
    select
        source_table,
        source_id
    from {{ ref('border_transaction_dates') }}
    where state <> 'readable'
    union
    select
        source_table,
        source_id
    from {{ ref('absurd_amount') }}
)

select
    {{ doubtful_share("u.source_id is not null or r.price_fault is not null") }}
from {{ ref('fct_receipts') }} as r
left join unreadable as u on r.source_table = u.source_table and r.source_id = u.source_id
where r.verdict not in ('not_a_sale', 'test', 'future')
having {{ is_too_large_a_share() }}
