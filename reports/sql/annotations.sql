-- Days from which something was otherwise: new prices, and the first assignment of each experiment.
-- name: The experiment, or the product whose price is new.
with prices as (
    select distinct
        valid_from_date,
        product_key
    from price_history
    where valid_from_date > (select min(valid_from_date) from price_history)
),

experiments as (
    select
        experiment as name,
        first_assigned_at
    from cohort_performance
    where first_assigned_at >= date '2010-01-01' and experiment is not null  -- before, there were no app stores
)

select
    prices.valid_from_date as day,
    'new prices' as what,
    prices.product_key as name,
    products.product_kind,
    products.billing_months,
    products.credits_amount
from prices
left join dim_products as products on prices.product_key = products.product_key
where prices.valid_from_date < $until
union all
select
    cast(min(first_assigned_at) as date) as day,
    'experiment begins' as what,
    name,
    null as product_kind,
    null as billing_months,
    null as credits_amount
from experiments
group by name
having min(first_assigned_at) < $until
order by day, what, name
