-- One row per receipt with what its own row says of its price: the amount and currency, where they
-- can be used, and how many packs the recorded credits are.
with receipts as (
    select
        receipts.receipt_id,
        receipts.source_table,
        receipts.source_id,
        receipts.user_id,
        receipts.is_test,
        receipts.store,
        receipts.is_store,
        receipts.product_key,
        receipts.product_kind,
        receipts.credits,
        receipts.order_id,
        receipts.token_hash,
        receipts.subscription_id,
        receipts.transacted_at,
        receipts.created_at,
        receipts.time_fault,
        receipts.status,
        receipts.amount_paid,
        receipts.currency,
        receipts.is_amount_unreadable,
        offers.offer_id,
        offers.discount_code,
        case when phases.is_repeated_trial then '' else coalesce(offers.offer_id, '') end
            as offer_key,
        cast(phases.kept_from_at as date) as kept_date,
        cast(receipts.transacted_at as date) as transacted_date,
        {{ decimal_or_null('receipts.amount_paid', 19, 9) }} as amount
    from {{ ref('int_receipts_unioned') }} as receipts
    inner join {{ ref('int_receipt_offers') }} as offers on receipts.receipt_id = offers.receipt_id
    left join {{ ref('int_receipt_groups') }} as grouped on receipts.receipt_id = grouped.receipt_id
    left join {{ ref('int_subscription_phases') }} as phases
        on coalesce(grouped.first_receipt_id, receipts.receipt_id) = phases.receipt_id
),

amounts_faulted as (
    select
        *,
        case
            when is_amount_unreadable or (amount_paid is not null and amount is null)
                then 'amount_unreadable'
            when amount < 0 then 'amount_negative'
            when amount is not null and currency is null then 'amount_without_currency'
        end as amount_fault
    from receipts
),

-- The currency of an amount that can be used, else null.
amounts as (
    select
        *,
        case when amount is not null and amount_fault is null then currency end as recorded_currency
    from amounts_faulted
),

products as (
    select
        product_key,
        max(credits_amount) as credits_amount
    from {{ ref('int_price_book') }}
    group by product_key
),

sized as (
    select
        receipts.receipt_id,
        products.credits_amount as pack_credits
    from receipts
    inner join products on receipts.product_key = products.product_key
    where receipts.credits > 0 and products.credits_amount > 0
),

-- How many packs the recorded credits are; what is no whole number of packs is one, and at fault.
counted as (
    select
        amounts.*,
        case
            when
                amounts.credits > sized.pack_credits * {{ var('absurd_price_factor') }}
                or amounts.credits * {{ var('absurd_price_factor') }} < sized.pack_credits
                then 'credits_absurd'
            when
                amounts.credits % sized.pack_credits <> 0
                or amounts.credits > sized.pack_credits * {{ var('most_quantity') }}
                then 'credits_no_multiple'
        end as credits_fault,
        sized.pack_credits,
        cast({{ whole_quotient('amounts.credits', 'sized.pack_credits') }} as bigint) as packs
    from amounts
    left join sized on amounts.receipt_id = sized.receipt_id
),

final as (
    select
        *,
        case when credits_fault is null then coalesce(packs, 1) else 1 end as quantity
    from counted
)

select * from final
