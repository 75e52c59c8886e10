with clock as (
    select * from {{ ref('int_clock') }}
),

assignments as (
    select given.*
    from {{ ref('fct_discount_assignments') }} as given
    cross join clock
    where not given.is_test and given.assigned_at <= clock.as_of_at
),

summed as (
    select
        discount_code,
        {{ month_start('assigned_at') }} as assigned_month,
        count(*) as assigned,
        count(case when outcome = 'used' then 1 end) as used,
        count(case when outcome = 'lapsed' then 1 end) as lapsed,
        count(case when outcome = 'open' then 1 end) as open,
        count(receipt_id) as linked,
        sum(case when receipt_verdict = 'counted' then discount_usd else 0 end) as discount_usd,
        sum(case when receipt_verdict = 'counted' then paid_usd else 0 end) as gross_usd,
        cast(sum(proceeds_90d_usd) as decimal(18, 4)) as proceeds_90d_usd,
        max(assigned_at) as last_assigned_at
    from assignments
    group by discount_code, {{ month_start('assigned_at') }}
),

final as (
    select
        summed.discount_code,
        summed.assigned_month,
        summed.assigned,
        summed.used,
        summed.lapsed,
        summed.open,
        summed.linked,
        {{ ratio('summed.used', 'summed.used + summed.lapsed') }} as redemption_rate,
        cast(coalesce(summed.discount_usd, 0) as decimal(18, 4)) as discount_usd,
        cast(coalesce(summed.gross_usd, 0) as decimal(18, 4)) as gross_usd,
        {{ usd_share('summed.proceeds_90d_usd', '1', 'summed.assigned') }}
            as proceeds_90d_per_assignee_usd,
        {{ ratio('sum(summed.used) over so_far', 'sum(summed.used + summed.lapsed) over so_far') }}
            as redemption_rate_so_far,
        summed.open = 0
        and {{ is_complete('summed.assigned_month', 'month') }}
        and {{ days_later('summed.last_assigned_at', 90) }} <= clock.as_of_at as is_complete
    from summed
    cross join clock
    window so_far as (
        partition by summed.discount_code
        order by summed.assigned_month
        rows between unbounded preceding and current row
    )
)

select * from final
order by assigned_month, discount_code
