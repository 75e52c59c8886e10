-- What is wrong with the price book, store fees, exchange rates and discount map, one sentence a
-- row; the first ones stop the build with their text, since no figure can be right on them.
with prices as (
    select
        *,
        product_key || case when offer_id <> '' then ' with offer ' || offer_id else '' end
        || case when store <> '' then ' in ' || store else '' end as name,
        row_number()
            over (order by product_key, offer_id, store, valid_from, valid_to, price_usd)
            as row_number
    from {{ ref('int_price_book') }}
),

fees as (
    select
        *,
        coalesce(nullif(store, ''), 'every store')
        || ', ' || coalesce(nullif(product_kind, ''), 'every kind')
        || ', ' || coalesce(nullif(program, ''), 'every program')
        || case when region <> '' then ' in ' || region else '' end
        || case
            when is_existing_install then ', existing installs'
            when not is_existing_install then ', new installs'
            else ''
        end
        || ' from day ' || min_paid_days
        || case
            when min_year_to_date_usd > 0 then ' above ' || min_year_to_date_usd else ''
        end as name,
        row_number() over (
            order by
                store,
                product_kind,
                program,
                region,
                is_existing_install,
                min_paid_days,
                min_year_to_date_usd,
                valid_from,
                valid_to,
                fee_rate
        ) as row_number
    from {{ ref('int_store_fees') }}
),

products as (
    select
        product_key,
        min(billing_months) as least_months,
        max(billing_months) as most_months
    from {{ ref('int_price_book') }}
    group by product_key
),

faults as (
    select
        'price_book: ' || a.name || ' has two prices on ' || greatest(a.valid_from, b.valid_from)
        || ': end the older row with valid_to' as fault
    from prices as a
    inner join prices as b
        on
            a.name = b.name
            and a.row_number < b.row_number
            and a.valid_from < b.valid_to
            and a.valid_to > b.valid_from
    union all
    select 'price_book: ' || name || ' has no price or one below 0'
    from prices
    where coalesce(price_usd, -1) < 0
    union all
    select 'price_book: ' || name || ' ends on ' || valid_to || ', not after its start'
    from prices
    where valid_to <= valid_from
    union all
    select 'price_book: ' || product_key || ' is a subscription: give billing_months, 1 or more'
    from products
    where product_key like '%/%' and coalesce(least_months, 0) < 1
    union all
    select 'price_book: ' || product_key || ' has different billing_months in two rows'
    from products
    where least_months <> most_months
    union all
    select 'price_book: ' || name || ' is for a store that does not exist'
    from prices
    where store not in ('', 'google_play', 'app_store')
    union all
    select 'store_fees: ' || a.name || ' has two rates on ' || greatest(a.valid_from, b.valid_from)
    from fees as a
    inner join fees as b
        on
            a.name = b.name
            and a.row_number < b.row_number
            and a.valid_from < b.valid_to
            and a.valid_to > b.valid_from
    union all
    select
        'store_fees: ' || name
        || ' has no service_fee_rate and billing_fee_rate that make a share between 0 and 1'
    from fees
    where
        coalesce(service_fee_rate, -1) < 0
        or billing_fee_rate < 0
        or coalesce(fee_rate, -1) not between 0 and 1
    union all
    select
        'fx_rates: '
        || coalesce(currency, 'a row without currency')
        || ' has no rate between 0 and 1000 on '
        || coalesce(cast(rate_date as varchar), 'a row without date')
    from {{ ref('int_fx_rates') }}
    where
        coalesce(usd_per_unit, 0) <= 0
        or usd_per_unit > 1000
        or currency is null
        or rate_date is null
    union all
    select 'fx_rates: ' || currency || ' has two rates on ' || rate_date
    from {{ ref('int_fx_rates') }}
    group by currency, rate_date
    having count(*) > 1
)

select {{ stop_with("string_agg(fault, '; ' order by fault)") }} as fault
from faults
having count(*) > 0
