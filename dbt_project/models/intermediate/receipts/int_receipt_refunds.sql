-- One row per receipt that stands refunded: when it became so, since it last was anything else.
with changes as (
    select * from {{ ref('int_receipt_refund_changes') }}
),

ranked as (
    select
        *,
        row_number() over (partition by receipt_id order by change_number desc nulls last) as place
    from changes
),

final as (
    select
        receipt_id,
        changed_at as refunded_at
    from ranked
    where place = 1 and entry_type = 'refund'
)

select * from final
