-- One row per event that opens a period, with its plan, the months that it pays and the store's
-- grace.
with receipts as (
    select * from {{ ref('int_receipts_screened') }}
    where source_table = 'subscription_events' and time_fault is null
),

events as (
    select * from {{ ref('stg_subscription_events') }}
),

stores as (
    select * from {{ ref('int_stores') }}
),

plans as (
    select * from {{ ref('int_subscription_plans') }}
),

-- A receipt told twice opens nothing, nor does access that nobody paid for in a store.
openings as (
    select
        events.subscription_event_id,
        events.user_id,
        events.subscription_id,
        events.event_type,
        events.store,
        events.expires_at,
        events.created_at,
        receipts.receipt_id,
        receipts.is_test,
        receipts.product_key,
        receipts.offer_id,
        receipts.order_id
    from receipts
    inner join events on receipts.source_id = events.subscription_event_id
    left join {{ ref('int_receipt_groups') }} as grouped on receipts.receipt_id = grouped.receipt_id
    where
        coalesce(receipts.own_verdict, 'test') = 'test'
        and coalesce(grouped.position, 1) = 1
),

described as (
    select
        openings.*,
        stores.grace_days,
        nullif(split_part(openings.product_key, '/', 2), '') as base_plan_id,
        case
            when stores.sale_is = 'token_or_order' then {{ order_base('openings.order_id') }}
        end as order_base,
        coalesce(
            offered.billing_months,
            listed.billing_months,
            {{ plan_months_of("split_part(openings.product_key, '/', 2)") }}
        ) as billing_months
    from openings
    inner join stores on openings.store = stores.store
    left join plans as offered
        on openings.product_key = offered.product_key and openings.offer_id = offered.offer_id
    left join plans as listed
        on openings.product_key = listed.product_key and listed.offer_id = ''
),

final as (
    select
        *,
        {{ term_months('billing_months') }} as term_months
    from described
)

select * from final
