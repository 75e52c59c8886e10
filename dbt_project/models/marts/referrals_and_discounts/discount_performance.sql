with assignments as (
    select * from {{ ref('fct_discount_assignments') }}
    where not is_test
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
        cast(sum(proceeds_90d_usd) as decimal(18, 4)) as proceeds_90d_usd
    from assignments
    group by discount_code, {{ month_start('assigned_at') }}
),

final as (
    select
        discount_code,
        assigned_month,
        assigned,
        used,
        lapsed,
        open,
        linked,
        {{ ratio('used', 'used + lapsed') }} as redemption_rate,
        cast(coalesce(discount_usd, 0) as decimal(18, 4)) as discount_usd,
        cast(coalesce(gross_usd, 0) as decimal(18, 4)) as gross_usd,
        {{ usd_share('proceeds_90d_usd', '1', 'assigned') }} as proceeds_90d_per_assignee_usd
    from summed
)

select * from final
order by assigned_month, discount_code
