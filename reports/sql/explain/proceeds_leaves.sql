-- The products and stores behind each kind and cause of proceeds; rows: charges of both months.
with revenue as (
    unpivot revenue_changes_monthly
    on charges_usd, product_mix_usd, store_mix_usd, list_price_usd, discount_usd,
    exchange_rate_usd, local_price_usd, refunds_usd
    into name cause value amount_usd
),

deducted as (
    unpivot proceeds_changes_monthly
    on tax_usd, store_fee_volume_usd, store_fee_rate_usd
    into name cause value amount_usd
),

leaves as (
    select
        revenue_month,
        product_kind,
        product,
        store,
        cause,
        amount_usd,
        previous_charges + charges as charges
    from revenue
    union all
    select
        revenue_month,
        product_kind,
        product,
        store,
        cause,
        amount_usd,
        0 as charges
    from deducted
)

select
    product_kind as part,
    replace(cause, '_usd', '') as cause,
    product,
    store,
    cast(sum(charges) as bigint) as rows,
    sum(amount_usd) as amount_usd
from leaves
where revenue_month > cast($since as date) and revenue_month < $month_until and amount_usd <> 0
group by all
order by all
