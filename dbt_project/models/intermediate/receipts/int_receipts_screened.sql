-- One row per receipt with the verdict that its own row decides, before anything is known of its
-- price; null where it is a sale that may still repeat another. Status error and canceled are the
-- store's word for a purchase that failed; on custom audio the status is the form link's, of which
-- only the words of a purchase count.
with receipts as (
    select * from {{ ref('int_receipts_unioned') }}
),

clock as (
    select * from {{ ref('int_clock') }}
),

final as (
    select
        receipts.*,
        case
            when not receipts.is_store then 'not_a_sale'
            when receipts.transacted_at > clock.as_of_at then 'future'
            when receipts.is_test then 'test'
            when receipts.status like 'pending%' then 'pending'
            when
                receipts.status in ('error', 'failed', 'canceled', 'cancelled')
                and receipts.source_table in ('ai_credit_purchases', 'course_purchases')
                then 'pending'
            when receipts.status = 'restored' then 'restored'
        end as own_verdict,
        -- What two purchases of one sale share. The three purchase tables are one family.
        case
            when receipts.source_table <> 'subscription_events'
                then receipts.store || ':token:' || receipts.token_hash
        end as token_key,
        case
            when receipts.source_table <> 'subscription_events'
                then receipts.store || ':order:' || lower(receipts.order_id)
        end as order_key
    from receipts
    cross join clock
)

select * from final
