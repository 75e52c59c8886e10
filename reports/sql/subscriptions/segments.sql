-- What moved MRR in each of the last 24 months, and who left in it, by the segments of one dimension.
select
    movement_month,
    segment,
    opening_mrr_usd,
    new_usd,
    reactivation_usd,
    expansion_usd,
    contraction_usd,
    churn_usd,
    switched_usd,
    closing_mrr_usd,
    opening_customers,
    churned_customers,
    customer_churn_rate,
    is_complete
from mrr_bridge_by_segment_monthly
where
    dimension = $dimension and movement_month < $month_until
    and movement_month >= (
        select max(movement_month)
        from mrr_bridge_by_segment_monthly
        where movement_month < $month_until
    )
    - interval 23 month
order by movement_month, segment
