with clock as (
    select * from {{ ref('int_clock') }}
),

pairs as (
    select * from {{ ref('int_revenue_pairs') }}
),

refs as (
    select * from {{ ref('int_revenue_references') }}
),

rate_changes as (
    select * from {{ ref('int_revenue_rate_changes') }}
),

receipts as (
    select
        receipt_id,
        quantity
    from {{ ref('fct_receipts') }}
),

refunds as (
    select
        {{ month_start('entries.booked_at') }} as month,
        entries.product_kind,
        entries.product_key
        || case when receipts.quantity > 1 then ' x' || receipts.quantity else '' end as plan,
        entries.store,
        entries.gross_usd
    from {{ ref('fct_revenue') }} as entries
    inner join receipts on entries.receipt_id = receipts.receipt_id
    where entries.entry_type <> 'charge'
),

refund_sides as (
    select
        month,
        product_kind,
        plan,
        store,
        0 as before_usd,
        gross_usd as after_usd
    from refunds
    union all
    select
        cast({{ add_months('month', 1) }} as date) as month,
        product_kind,
        plan,
        store,
        gross_usd as before_usd,
        0 as after_usd
    from refunds
),

refund_changes as (
    select
        refund_sides.month,
        refund_sides.product_kind,
        refund_sides.plan,
        refund_sides.store,
        sum(refund_sides.before_usd) as before_usd,
        sum(refund_sides.after_usd) as after_usd
    from refund_sides
    cross join clock
    where refund_sides.month <= clock.as_of_month
    group by
        refund_sides.month, refund_sides.product_kind, refund_sides.plan, refund_sides.store
),

charged as (
    select
        pairs.*,
        (pairs.closing_count - pairs.opening_count) * refs.base_usd as charges_usd,
        (pairs.closing_count - pairs.opening_count) * refs.plan_mix_usd as product_mix_usd,
        (pairs.closing_count - pairs.opening_count) * refs.store_mix_usd as store_mix_usd,
        pairs.closing_list_usd - pairs.opening_list_usd
        - (pairs.closing_count - pairs.opening_count) * refs.list_usd as list_price_usd,
        (pairs.closing_count - pairs.opening_count) * refs.discount_usd
        - (pairs.closing_discount_usd - pairs.opening_discount_usd) as discount_usd,
        coalesce(rate_changes.exchange_rate_usd, 0) as exchange_rate_usd
    from pairs
    inner join refs
        on pairs.month = refs.month and pairs.plan = refs.plan and pairs.store = refs.store
    left join rate_changes
        on
            pairs.month = rate_changes.month
            and pairs.plan = rate_changes.plan
            and pairs.store = rate_changes.store
),

joined as (
    select
        coalesce(charged.month, refund_changes.month) as month,
        coalesce(charged.product_kind, refund_changes.product_kind) as product_kind,
        coalesce(charged.plan, refund_changes.plan) as product,
        coalesce(charged.store, refund_changes.store) as store,
        coalesce(charged.opening_count, 0) as opening_count,
        coalesce(charged.closing_count, 0) as closing_count,
        coalesce(charged.opening_value_usd, 0) as opening_value_usd,
        coalesce(charged.closing_value_usd, 0) as closing_value_usd,
        coalesce(refund_changes.before_usd, 0) as before_usd,
        coalesce(refund_changes.after_usd, 0) as after_usd,
        {%- for cause in [
            "charges", "product_mix", "store_mix", "list_price", "discount", "exchange_rate"
        ] %}
            coalesce(charged.{{ cause }}_usd, 0) as {{ cause }}_usd
            {%- if not loop.last %},{% endif %}
        {%- endfor %}
    from charged
    full join refund_changes
        on
            charged.month = refund_changes.month
            and charged.plan = refund_changes.plan
            and charged.store = refund_changes.store
),

final as (
    select
        joined.month as revenue_month,
        joined.product_kind,
        joined.product,
        joined.store,
        cast(joined.opening_count as bigint) as previous_charges,
        cast(joined.closing_count as bigint) as charges,
        cast(joined.opening_value_usd + joined.before_usd as decimal(18, 4)) as previous_net_usd,
        cast(joined.closing_value_usd + joined.after_usd as decimal(18, 4)) as net_usd,
        {%- for cause in [
            "charges", "product_mix", "store_mix", "list_price", "discount", "exchange_rate"
        ] %}
            cast(joined.{{ cause }}_usd as decimal(18, 8)) as {{ cause }}_usd,
        {%- endfor %}
        cast(
            joined.closing_value_usd - joined.opening_value_usd - joined.charges_usd
            - joined.product_mix_usd - joined.store_mix_usd - joined.list_price_usd
            - joined.discount_usd - joined.exchange_rate_usd as decimal(18, 8)
        ) as local_price_usd,
        cast(joined.after_usd - joined.before_usd as decimal(18, 8)) as refunds_usd,
        {{ is_complete('joined.month', 'month') }} as is_complete
    from joined
    cross join clock
    order by joined.month, joined.product, joined.store
)

select * from final
