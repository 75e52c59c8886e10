-- One row per receipt with what is known of its price on the day of transacted_at: price_usd (may
-- be 0) from the recorded amount at the day's rate, else from the price book times the quantity;
-- null where neither says.
with receipts as (
    select * from {{ ref('int_receipts_recorded') }}
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
            order by book.store desc nulls last, book.valid_from desc nulls last, book.price_usd asc
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
        max(billing_months) as billing_months
    from {{ ref('int_price_book') }}
    group by product_key
),

days as (
    select distinct
        recorded_currency as currency,
        transacted_date
    from receipts
    where recorded_currency is not null
),

rated as (
    select
        days.currency,
        days.transacted_date,
        {{ value_at_greatest('rates.usd_per_unit', 'rates.rate_date') }} as usd_per_unit
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

joined as (
    select
        receipts.*,
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
    from receipts
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
