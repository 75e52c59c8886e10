with expected as (
    select
        count(*) as charges,
        count(refunded_at) as refunds,
        coalesce(sum(case when refunded_at is null then paid_usd else 0 end), 0) as net_usd,
        coalesce(sum(case when refunded_at is null then proceeds_usd else 0 end), 0) as proceeds_usd
    from {{ ref('fct_receipts') }}
    where verdict = 'counted'
),

found as (
    select
        count(case when entry_type = 'charge' then 1 end) as charges,
        count(case when entry_type = 'refund' then 1 end)
        - count(case when entry_type = 'refund_reversal' then 1 end) as refunds,
        coalesce(sum(gross_usd), 0) as net_usd,
        coalesce(sum(proceeds_usd), 0) as proceeds_usd
    from {{ ref('fct_revenue') }}
)

select
    expected.*,
    found.charges as booked_charges,
    found.refunds as booked_refunds,
    found.net_usd as booked_net_usd,
    found.proceeds_usd as booked_proceeds_usd
from expected
cross join found
where
    expected.charges <> found.charges
    or expected.refunds <> found.refunds
    or expected.net_usd <> found.net_usd
    or expected.proceeds_usd <> found.proceeds_usd
