-- Days from which something was otherwise: new prices, and the first assignment of each experiment.
with prices as (
    select distinct valid_from_date, product_key
    from price_history
    where valid_from_date > (select min(valid_from_date) from price_history)
),

experiments as (
    select experiment as name, first_assigned_at from cohort_performance
    where first_assigned_at is not null and experiment is not null
)

select valid_from_date as day, 'new prices' as what, string_agg(product_key, ', ' order by product_key) as names
from prices
where valid_from_date < $until
group by valid_from_date
union all
select cast(min(first_assigned_at) as date) as day, 'experiment begins' as what, name as names
from experiments
group by name
having min(first_assigned_at) < $until
order by day, what, names
