-- One row per subscription event that restores a purchase, with the event that told of its period.
-- An app that validates again, after a reinstallation or under another account, writes created once
-- more: with the base of the order's number, or with none or a number used before, and with the end
-- of the period that then runs.
with named as (
    select
        receipt_id,
        user_id,
        store,
        product_key,
        status,
        created_at,
        lower(order_id) as order_number,
        {{ order_base('order_id') }} as order_base,
        names_expires_at
    from {{ ref('int_receipts_screened') }}
    where source_table = 'subscription_events' and own_verdict is null
),

restored_by_base as (
    select
        again.receipt_id,
        first.receipt_id as first_receipt_id,
        first.created_at as first_created_at
    from named as again
    inner join named as first
        on
            again.store = first.store
            and again.order_base = first.order_base
            and again.product_key = first.product_key
    where
        again.status = 'created'
        and first.created_at < again.created_at
        and {{ is_one_end('first.names_expires_at', 'again.names_expires_at') }}
),

used_numbers as (
    select
        user_id,
        store,
        order_number,
        min(created_at) as first_used_at
    from named
    where order_number is not null
    group by user_id, store, order_number
),

restored_by_user as (
    select
        again.receipt_id,
        first.receipt_id as first_receipt_id,
        first.created_at as first_created_at
    from named as again
    inner join named as first
        on
            again.user_id = first.user_id
            and again.store = first.store
            and again.product_key = first.product_key
    left join used_numbers
        on
            again.user_id = used_numbers.user_id
            and again.store = used_numbers.store
            and again.order_number = used_numbers.order_number
    where
        again.status = 'created'
        and (again.order_number is null or used_numbers.first_used_at < again.created_at)
        and first.created_at
        < again.created_at - interval '{{ var("movement_window_minutes") }} minutes'
        and {{ is_one_end('first.names_expires_at', 'again.names_expires_at') }}
),

final as (
    select
        receipt_id,
        {{ value_at_first('first_receipt_id', ['first_created_at', 'first_receipt_id']) }}
            as first_receipt_id
    from (
        select * from restored_by_base
        union all
        select * from restored_by_user
    ) as restored_either_way
    group by receipt_id
)

select * from final
