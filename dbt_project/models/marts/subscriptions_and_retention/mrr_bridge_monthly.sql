with clock as (
    select * from {{ ref('int_clock') }}
),

days as (
    select
        *,
        {{ month_start('movement_date') }} as movement_month
    from {{ ref('mrr_bridge_daily') }}
),

movements as (
    select
        *,
        {{ month_start('movement_date') }} as movement_month,
        row_number() over (
            partition by user_id, {{ month_start('movement_date') }} order by movement_at
        ) as month_position
    from {{ ref('fct_mrr_movements') }}
),

numbered as (
    select
        *,
        row_number() over (partition by movement_month order by movement_date) as month_day
    from days
),

months as (
    select
        movement_month,
        max(case when month_day = 1 then opening_mrr_usd end) as opening_mrr_usd,
        max(case when month_day = 1 then opening_customers end) as opening_customers,
        sum(new_usd) as new_usd,
        sum(reactivation_usd) as reactivation_usd,
        sum(expansion_usd) as expansion_usd,
        sum(contraction_usd) as contraction_usd,
        sum(churn_usd) as churn_usd,
        sum(new_customers) as new_customers,
        sum(reactivated_customers) as reactivated_customers,
        sum(churned_customers) as churned_customers
    from numbered
    group by movement_month
),

-- Of each user who was present at the month's opening and moved in it: MRR then and at the end.
changed as (
    select
        movement_month,
        user_id,
        max(case when month_position = 1 then mrr_before_usd end) as opening_usd,
        max(case when month_position = 1 then mrr_before_usd end) + sum(mrr_delta_usd)
            as closing_usd,
        max(case when movement_type = 'churn' then 1 else 0 end) as has_churned
    from movements
    group by movement_month, user_id
    having max(case when month_position = 1 then mrr_before_usd end) > 0
),

present as (
    select
        movement_month,
        sum(greatest(opening_usd - closing_usd, 0)) as lost_usd,
        sum(closing_usd - opening_usd) as change_usd,
        sum(has_churned) as churned_of_opening
    from changed
    group by movement_month
),

joined as (
    select
        months.*,
        months.opening_mrr_usd + months.new_usd + months.reactivation_usd + months.expansion_usd
        + months.contraction_usd + months.churn_usd as closing_mrr_usd,
        months.opening_customers + months.new_customers + months.reactivated_customers
        - months.churned_customers as closing_customers,
        -(months.churn_usd + months.contraction_usd) as losses_usd,
        months.expansion_usd + months.reactivation_usd as regained_usd,
        coalesce(present.lost_usd, 0) as lost_usd,
        coalesce(present.change_usd, 0) as change_usd,
        coalesce(present.churned_of_opening, 0) as churned_of_opening,
        {{ is_complete('months.movement_month', 'month', waits_for_grace=true) }} as is_complete
    from months
    cross join clock
    left join present on months.movement_month = present.movement_month
),

final as (
    select
        movement_month,
        cast(opening_mrr_usd as decimal(18, 4)) as opening_mrr_usd,
        cast(new_usd as decimal(18, 4)) as new_usd,
        cast(reactivation_usd as decimal(18, 4)) as reactivation_usd,
        cast(expansion_usd as decimal(18, 4)) as expansion_usd,
        cast(contraction_usd as decimal(18, 4)) as contraction_usd,
        cast(churn_usd as decimal(18, 4)) as churn_usd,
        cast(closing_mrr_usd as decimal(18, 4)) as closing_mrr_usd,
        cast(opening_customers as bigint) as opening_customers,
        cast(new_customers as bigint) as new_customers,
        cast(reactivated_customers as bigint) as reactivated_customers,
        cast(churned_customers as bigint) as churned_customers,
        cast(closing_customers as bigint) as closing_customers,
        {{ ratio('losses_usd', 'opening_mrr_usd') }} as gross_mrr_churn_rate,
        {{ ratio('losses_usd - regained_usd', 'opening_mrr_usd') }} as net_mrr_churn_rate,
        {{ ratio('churned_of_opening', 'opening_customers') }} as customer_churn_rate,
        {{ ratio('opening_mrr_usd - lost_usd', 'opening_mrr_usd') }} as gross_revenue_retention,
        {{ ratio('opening_mrr_usd + change_usd', 'opening_mrr_usd') }} as net_revenue_retention,
        {{ ratio('new_usd + regained_usd', 'losses_usd') }} as quick_ratio,
        {{ usd_share('closing_mrr_usd', 1, 'closing_customers') }} as arpu_usd,
        is_complete
    from joined
    order by movement_month
)

select * from final
