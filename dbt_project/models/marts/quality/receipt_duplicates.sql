with receipts as (
    select
        *,
        coalesce(duplicate_of, receipt_id) as first_receipt_id
    from {{ ref('fct_receipts') }}
),

grouped as (
    select
        first_receipt_id,
        count(*) as receipts,
        count(distinct user_id) as users,
        min(transacted_at) as first_at,
        max(transacted_at) as last_at,
        count(token_hash) - count(distinct token_hash) as repeated_tokens,
        count(order_id) - count(distinct lower(order_id)) as repeated_orders,
        sum(case when duplicate_of is not null then coalesce(paid_usd, 0) else 0 end) as excess_usd,
        sum(
            case when duplicate_of is not null then coalesce(pack_credits, 0) else 0 end
        ) as excess_credits
    from receipts
    group by first_receipt_id
    having count(*) > 1
),

final as (
    select
        first_receipt_id as group_id,
        case
            when repeated_tokens > 0 and repeated_orders > 0 then 'token_and_order'
            when repeated_tokens > 0 then 'token'
            when repeated_orders > 0 then 'order'
            else 'event'
        end as match_kind,
        cast(receipts as bigint) as receipts,
        cast(users as bigint) as users,
        first_receipt_id,
        first_at,
        last_at,
        cast(excess_usd as decimal(18, 4)) as excess_usd,
        cast(excess_credits as bigint) as excess_credits
    from grouped
)

select * from final
