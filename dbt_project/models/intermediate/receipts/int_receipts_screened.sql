{{ config(materialized="view") }}

-- One row per receipt with the verdict that its own row decides, null where it is a sale that may
-- still repeat another. Status error and canceled are the store's word for a purchase that failed;
-- on custom audio the status is the form link's, of which only the words of a purchase count.
with receipts as (
    select * from {{ ref('int_receipts_priced') }}
),

final as (
    select
        *,
        case
            when not is_store or price_usd = 0 then 'not_a_sale'
            when is_test then 'test'
            when status like 'pending%' then 'pending'
            when
                status in ('error', 'failed', 'canceled', 'cancelled')
                and source_table in ('ai_credit_purchases', 'course_purchases') then 'pending'
            when status = 'restored' then 'restored'
        end as own_verdict,
        -- What two rows of one sale share. The three purchase tables are one family.
        case
            when source_table <> 'subscription_events' then store || ':token:' || token_hash
        end as token_key,
        case
            when order_id is not null
                then
                    case
                        when source_table = 'subscription_events' then 'events:' else 'purchases:'
                    end
                    || store || ':order:' || lower(order_id)
            when source_table = 'subscription_events' then
                'events:' || store || ':' || cast(subscription_id as varchar)
                || ':' || status || ':' || cast(created_at as varchar)
        end as order_key
    from receipts
)

select * from final
