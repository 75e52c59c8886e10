-- One row per receipt row of the source with its verdict and price, before store fees and tax. The
-- first of a group of repeats gets the verdict that it would have alone.
with receipts as (
    select
        priced.*,
        screened.own_verdict,
        screened.token_key,
        screened.order_key,
        screened.source_deleted_at,
        coalesce(phases.is_trial, false) as is_trial,
        coalesce(phases.is_prorated, false) as is_prorated,
        coalesce(phases.is_implausible, false) as is_implausible
    from {{ ref('int_receipts_priced') }} as priced
    inner join {{ ref('int_receipts_screened') }} as screened
        on priced.receipt_id = screened.receipt_id
    left join {{ ref('int_subscription_phases') }} as phases
        on priced.receipt_id = phases.receipt_id
),

verdicts as (
    select
        receipts.*,
        case
            when receipts.own_verdict is not null then receipts.own_verdict
            when grouped.position > 1 and grouped.first_user_id <> receipts.user_id then 'replayed'
            when grouped.position > 1 and grouped.is_token_earlier then 'duplicate_token'
            when grouped.position > 1 then 'duplicate_order'
            when receipts.is_trial or receipts.is_prorated or receipts.price_usd = 0
                then 'not_a_sale'
            when receipts.is_implausible then 'implausible'
            when receipts.price_usd is null then 'unpriced'
            else 'counted'
        end as verdict,
        case when grouped.position > 1 then grouped.first_receipt_id end as duplicate_of
    from receipts
    left join {{ ref('int_receipt_groups') }} as grouped on receipts.receipt_id = grouped.receipt_id
),

counted_keys as (
    select token_key as sale_key from verdicts
    where verdict = 'counted' and token_key is not null
    union
    select order_key as sale_key from verdicts
    where verdict = 'counted' and order_key is not null
),

restored_keys as (
    select
        receipt_id,
        token_key as sale_key
    from verdicts
    where verdict = 'restored' and token_key is not null
    union all
    select
        receipt_id,
        order_key as sale_key
    from verdicts
    where verdict = 'restored' and order_key is not null
),

restored_sales as (
    select distinct restored_keys.receipt_id
    from restored_keys
    inner join counted_keys on restored_keys.sale_key = counted_keys.sale_key
),

paid as (
    select
        verdicts.receipt_id,
        verdicts.source_table,
        verdicts.source_id,
        verdicts.user_id,
        verdicts.is_test,
        verdicts.store,
        verdicts.product_key,
        verdicts.product_kind,
        verdicts.billing_months,
        verdicts.credits,
        verdicts.credits_fault,
        verdicts.quantity,
        verdicts.order_id,
        verdicts.token_hash,
        verdicts.transacted_at,
        verdicts.created_at,
        verdicts.status,
        verdicts.offer_id,
        verdicts.discount_code,
        verdicts.verdict,
        verdicts.duplicate_of,
        case when verdicts.is_store then verdicts.list_price_usd end as list_price_usd,
        verdicts.price_usd,
        case
            when
                verdicts.verdict <> 'not_a_sale'
                and not verdicts.is_trial
                and not verdicts.is_prorated
                then verdicts.price_usd
        end as paid_usd,
        case
            when verdicts.is_prorated then 'prorated'
            when
                verdicts.verdict = 'not_a_sale'
                or verdicts.is_trial
                or verdicts.price_usd is null
                then 'none'
            when verdicts.is_recorded then 'recorded'
            else 'price_book'
        end as price_basis,
        verdicts.is_trial,
        refunds.refunded_at,
        verdicts.time_fault,
        verdicts.price_fault,
        verdicts.recorded_usd,
        verdicts.source_deleted_at,
        verdicts.verdict = 'restored'
        and restored_sales.receipt_id is null as is_restored_without_sale
    from verdicts
    left join
        {{ ref('int_receipt_refunds') }} as refunds
        on verdicts.receipt_id = refunds.receipt_id
    left join restored_sales on verdicts.receipt_id = restored_sales.receipt_id
),

-- A discount is what an offer or a code gave; exchange rates and local prices are no discount.
final as (
    select
        *,
        cast(
            case
                when list_price_usd is null or paid_usd is null then null
                when offer_id is null and discount_code is null then 0
                else greatest(list_price_usd - paid_usd, 0)
            end as decimal(18, 4)
        ) as discount_usd
    from paid
)

select * from final
