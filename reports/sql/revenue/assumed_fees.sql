-- How much of the store fees of each of the last 24 months rests on a rate that is an assumption.
-- revenue_month: Month of the sale.
-- sales: Receipts that count as sales.
-- assumed_sales: Sales whose store fee is an assumption.
-- store_fees_usd: Store fees of all sales.
-- assumed_fees_usd: Store fees of the sales at an assumed rate.
select
    date_trunc('month', transacted_at)::date as revenue_month,
    store,
    count(*) as sales,
    count(*) filter (where is_fee_assumed) as assumed_sales,
    sum(store_fee_usd) as store_fees_usd,
    sum(store_fee_usd) filter (where is_fee_assumed) as assumed_fees_usd
from fct_receipts
where
    verdict = 'counted' and transacted_at < $month_until
    and transacted_at >= cast($month_until as date) - interval 24 month
group by all
having assumed_sales > 0
order by revenue_month desc, store
