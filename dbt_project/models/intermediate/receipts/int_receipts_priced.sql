-- One row per receipt with what is known of its price on the day of transacted_at: price_usd (may
-- be 0) from the recorded amount at the day's rate, else from the price book times the quantity;
-- null where neither says.
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
        try_cast(receipts.amount_paid as decimal(19, 9)) as amount
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

-- The day of the sale, and the day from which a subscriber may keep a price.
dated as (
    select
        product_key,
        store,
        transacted_date,
        offer_key
    from receipts
    where is_store
    union
    select
        product_key,
        store,
        kept_date as transacted_date,
        offer_key
    from receipts
    where kept_date is not null
),

lookups as (
    select * from dated
    union
    select
        product_key,
        store,
        transacted_date,
        '' as offer_key
    from dated
),

booked as (
    select
        lookups.*,
        book.price_usd,
        book.billing_months,
        book.is_kept,
        row_number() over (
            partition by
                lookups.product_key, lookups.store, lookups.transacted_date, lookups.offer_key
            order by book.store desc, book.valid_from desc, book.price_usd asc
        ) as preference
    from lookups
    inner join {{ ref('int_price_book') }} as book
        on
            lookups.product_key = book.product_key
            and lookups.offer_key = book.offer_id
            and book.store in (lookups.store, '')
            and lookups.transacted_date >= book.valid_from
            and lookups.transacted_date < book.valid_to
),

prices as (
    select * from booked
    where preference = 1
),

kept_prices as (
    select * from prices
    where is_kept
),

list_prices as (
    select * from prices
    where offer_key = ''
),

kept_lists as (
    select * from kept_prices
    where offer_key = ''
),

products as (
    select
        product_key,
        max(billing_months) as billing_months,
        max(credits_amount) as credits_amount
    from {{ ref('int_price_book') }}
    group by product_key
),

days as (
    select distinct
        recorded_currency as currency,
        transacted_date
    from amounts
    where recorded_currency is not null
),

rated as (
    select
        days.currency,
        days.transacted_date,
        max_by(rates.usd_per_unit, rates.rate_date) as usd_per_unit
    from days
    inner join {{ ref('int_fx_rates') }} as rates
        on
            days.currency = rates.currency
            and days.transacted_date >= rates.rate_date
            and rates.rate_date >= {{ add_days('days.transacted_date', -31) }}
    where days.currency <> 'USD'
    group by days.currency, days.transacted_date
    union all
    select
        currency,
        transacted_date,
        1 as usd_per_unit
    from days
    where currency = 'USD'
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
        cast(amounts.credits // sized.pack_credits as bigint) as packs
    from amounts
    left join sized on amounts.receipt_id = sized.receipt_id
),

joined as (
    select
        receipts.*,
        case when receipts.credits_fault is null then coalesce(receipts.packs, 1) else 1 end
            as quantity,
        {{ round_usd('receipts.amount * cast(rated.usd_per_unit as decimal(18, 8))') }}
            as recorded_usd,
        cast(rated.usd_per_unit as decimal(18, 8)) as usd_per_unit,
        coalesce(kept_prices.price_usd, prices.price_usd) as unit_booked_usd,
        coalesce(kept_lists.price_usd, list_prices.price_usd) as unit_list_usd,
        case
            when receipts.product_kind = 'subscription' then coalesce(
                prices.billing_months,
                list_prices.billing_months,
                products.billing_months,
                {{ plan_months_of("split_part(receipts.product_key, '/', 2)") }}
            )
        end as billing_months
    from counted as receipts
    left join prices
        on
            receipts.product_key = prices.product_key
            and receipts.store = prices.store
            and receipts.transacted_date = prices.transacted_date
            and receipts.offer_key = prices.offer_key
    left join list_prices
        on
            receipts.product_key = list_prices.product_key
            and receipts.store = list_prices.store
            and receipts.transacted_date = list_prices.transacted_date
    left join kept_prices
        on
            receipts.product_key = kept_prices.product_key
            and receipts.store = kept_prices.store
            and receipts.kept_date = kept_prices.transacted_date
            and receipts.offer_key = kept_prices.offer_key
    left join kept_lists
        on
            receipts.product_key = kept_lists.product_key
            and receipts.store = kept_lists.store
            and receipts.kept_date = kept_lists.transacted_date
    left join products on receipts.product_key = products.product_key
    left join rated
        on
            receipts.recorded_currency = rated.currency
            and receipts.transacted_date = rated.transacted_date
),

valued as (
    select
        *,
        cast(unit_booked_usd * quantity as decimal(18, 4)) as booked_usd,
        cast(unit_list_usd * quantity as decimal(18, 4)) as list_price_usd
    from joined
),

-- A recorded amount far from what the product costs is a slip of unit or currency. A recorded 0
-- says that nothing was charged.
faulted as (
    select
        *,
        case
            when recorded_currency is null then amount_fault
            when recorded_usd is null then 'no_exchange_rate'
            when
                recorded_usd > coalesce(nullif(booked_usd, 0), list_price_usd)
                * {{ var('absurd_price_factor') }}
                or (
                    recorded_usd > 0
                    and recorded_usd * {{ var('absurd_price_factor') }}
                    < coalesce(booked_usd, list_price_usd)
                )
                then 'amount_absurd'
        end as price_fault
    from valued
),

final as (
    select
        receipt_id,
        source_table,
        source_id,
        user_id,
        is_test,
        store,
        is_store,
        product_key,
        product_kind,
        billing_months,
        case when credits_fault = 'credits_absurd' then pack_credits else credits end as credits,
        credits_fault,
        quantity,
        order_id,
        token_hash,
        subscription_id,
        transacted_at,
        created_at,
        time_fault,
        status,
        offer_id,
        discount_code,
        list_price_usd,
        recorded_usd,
        recorded_currency is not null
        and coalesce(price_fault, '') <> 'amount_absurd' as is_recorded,
        recorded_currency,
        usd_per_unit,
        case
            when recorded_currency is null or price_fault = 'amount_absurd' then booked_usd
            else recorded_usd
        end as price_usd,
        price_fault
    from faulted
)

select * from final
