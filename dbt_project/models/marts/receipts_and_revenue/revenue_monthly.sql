with entries as (
    select
        *,
        {{ month_start('booked_at') }} as revenue_month
    from {{ ref('fct_revenue') }}
),

clock as (
    select * from {{ ref('int_clock') }}
),

refunded as (
    select receipt_id from {{ ref('int_receipt_refunds') }}
),

summed as (
    select
        revenue_month,
        product_kind,
        {{ revenue_measures() }}
    from entries
    group by revenue_month, product_kind
),

-- Of the month's own charges, those that stand refunded now.
refunded_charges as (
    select
        entries.revenue_month,
        entries.product_kind,
        count(*) as charges_refunded
    from entries
    inner join refunded on entries.receipt_id = refunded.receipt_id
    where entries.entry_type = 'charge'
    group by entries.revenue_month, entries.product_kind
),

final as (
    select
        summed.revenue_month,
        summed.product_kind,
        {{ typed_revenue_measures() }},
        {{ usd_share('cast(summed.gross_usd as decimal(18, 4))', '1', 'summed.paying_users') }}
            as arppu_usd,
        cast(summed.gross_usd + summed.discount_usd as decimal(18, 4)) as undiscounted_usd,
        cast(coalesce(refunded_charges.charges_refunded, 0) as bigint) as charges_refunded,
        {{ ratio('coalesce(refunded_charges.charges_refunded, 0)', 'summed.charges') }}
            as refund_rate,
        {{ is_complete('summed.revenue_month', 'month') }} as is_complete
    from summed
    cross join clock
    left join refunded_charges
        on
            summed.revenue_month = refunded_charges.revenue_month
            and summed.product_kind = refunded_charges.product_kind
)

select * from final
