-- The products and stores behind each kind and cause; rows: charges of both months.
select
    product_kind as part,
    replace(cause, '_usd', '') as cause,
    product,
    store,
    cast(sum(previous_charges + charges) as bigint) as rows,
    sum(amount_usd) as amount_usd
from (
    unpivot revenue_changes_monthly
    on charges_usd, product_mix_usd, store_mix_usd, list_price_usd, discount_usd,
    exchange_rate_usd, local_price_usd, refunds_usd
    into name cause value amount_usd
)
where revenue_month > cast($since as date) and revenue_month < $month_until and amount_usd <> 0
group by all
order by all
