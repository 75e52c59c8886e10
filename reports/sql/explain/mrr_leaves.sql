-- The movements behind each part and cause, by plan and store.
select
    movement_type as part,
    replace(cause, '_usd', '') as cause,
    coalesce(product_key, previous_product_key) as product,
    coalesce(store, previous_store) as store,
    count(*) as rows,
    sum(amount_usd) as amount_usd
from (
    unpivot mrr_movement_causes
    on customers_usd, plan_mix_usd, store_mix_usd, list_price_usd, discount_usd
    into name cause value amount_usd
)
where movement_month > cast($since as date) and movement_month < $month_until and amount_usd <> 0
group by all
order by all
