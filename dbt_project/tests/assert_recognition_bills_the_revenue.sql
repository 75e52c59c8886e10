with billed as (
    select
        product_kind,
        sum(billed_usd) as billed_usd
    from {{ ref('revenue_recognition_monthly') }}
    group by product_kind
),

booked as (
    select
        product_kind,
        sum(gross_usd) as gross_usd
    from {{ ref('fct_revenue') }}
    group by product_kind
)

select
    coalesce(billed.product_kind, booked.product_kind) as product_kind,
    billed.billed_usd,
    booked.gross_usd
from billed
full outer join booked on billed.product_kind = booked.product_kind
where coalesce(billed.billed_usd, 0) <> coalesce(booked.gross_usd, 0)
