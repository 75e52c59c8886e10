with deferred as (
    select
        product_kind,
        sum(billed_usd - recognised_usd) as deferred_usd
    from {{ ref('revenue_recognition_monthly') }}
    where product_kind <> 'ai_credits'
    group by product_kind
),

released as (
    select
        product_kind,
        sum(release_usd) as release_usd
    from {{ ref('deferred_revenue_schedule') }}
    group by product_kind
)

select
    deferred.product_kind,
    deferred.deferred_usd,
    released.release_usd
from deferred
full outer join released on deferred.product_kind = released.product_kind
where coalesce(deferred.deferred_usd, 0) <> coalesce(released.release_usd, 0)
