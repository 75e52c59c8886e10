-- A fee changes with the money that bears it, at the rate midway, and with the rate, at the money
-- midway: no order of the two decides.
with clock as (
    select * from {{ ref('int_clock') }}
),

months as (
    select
        {{ month_start('booked_at') }} as month,
        product_kind,
        product_key as product,
        store,
        sum(tax_usd) as tax_usd,
        sum(gross_usd - tax_usd) as borne_usd,
        sum(store_fee_usd) as fee_usd
    from {{ ref('fct_revenue') }}
    group by {{ month_start('booked_at') }}, product_kind, product_key, store
),

sides as (
    select
        month,
        product_kind,
        product,
        store,
        tax_usd,
        borne_usd as borne_after,
        fee_usd as fee_after,
        0 as borne_before,
        0 as fee_before
    from months
    union all
    select
        cast({{ add_months('month', 1) }} as date) as month,
        product_kind,
        product,
        store,
        -tax_usd as tax_usd,
        0 as borne_after,
        0 as fee_after,
        borne_usd as borne_before,
        fee_usd as fee_before
    from months
),

changes as (
    select
        sides.month,
        sides.product_kind,
        sides.product,
        sides.store,
        -sum(sides.tax_usd) as tax_usd,
        -sum(sides.fee_after - sides.fee_before) as fees_usd,
        -(
            {{ ratio('sum(sides.fee_after)', 'sum(sides.borne_after)') }}
            - {{ ratio('sum(sides.fee_before)', 'sum(sides.borne_before)') }}
        ) * sum(sides.borne_before + sides.borne_after) / 2 as fee_rate_usd
    from sides
    cross join clock
    where sides.month <= clock.as_of_month
    group by sides.month, sides.product_kind, sides.product, sides.store
),

typed as (
    select
        *,
        {{ decimal_of('coalesce(fee_rate_usd, 0)', 18, 8) }} as store_fee_rate_usd
    from changes
),

final as (
    select
        typed.month as revenue_month,
        typed.product_kind,
        typed.product,
        typed.store,
        cast(typed.tax_usd as decimal(18, 8)) as tax_usd,
        cast(typed.fees_usd - typed.store_fee_rate_usd as decimal(18, 8)) as store_fee_volume_usd,
        typed.store_fee_rate_usd,
        {{ is_complete('typed.month', 'month') }} as is_complete
    from typed
    cross join clock
    order by typed.month, typed.product, typed.store
)

select * from final
