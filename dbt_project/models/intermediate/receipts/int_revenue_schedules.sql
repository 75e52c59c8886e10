{%- set dimensions = segment_dimensions() %}
-- One row per counted receipt but packs, whose credits are recognised when consumed: how its gross
-- price becomes revenue. A subscription accrues day by day over span_days from start_date, what is
-- left of it at once on cut_date, its early end; anything else, span_days 0, when it is booked.
-- Nothing changes after last_date. While a receipt stands refunded nothing of it is recognised.
with receipts as (
    select
        *,
        case when source_table = 'subscription_events' then source_id end as event_id
    from {{ ref('int_receipts_judged') }}
    where verdict = 'counted' and product_kind <> 'ai_credits'
),

users as (
    select * from {{ ref('int_user_attributes') }}
),

changes as (
    select
        receipt_id,
        cast(max(changed_at) as date) as last_change_date
    from {{ ref('int_receipt_refund_changes') }}
    group by receipt_id
),

periods as (
    select * from {{ ref('int_subscription_periods') }}
),

dated as (
    select
        receipts.receipt_id,
        receipts.product_kind,
        receipts.product_key,
        {{ plan_of_sale('receipts.product_kind', 'receipts.billing_months') }} as plan,
        receipts.store,
        {{ user_dimensions('users', 'receipts.transacted_at') }},
        receipts.paid_usd as gross_usd,
        cast(receipts.transacted_at as date) as booked_date,
        cast(receipts.refunded_at as date) as refunded_date,
        changes.last_change_date,
        cast(periods.period_start_at as date) as period_start_date,
        cast(periods.period_end_at as date) as period_end_date,
        case
            when
                periods.effective_end_at < periods.period_end_at
                then cast(periods.effective_end_at as date)
        end as cut_date
    from receipts
    left join periods on receipts.event_id = periods.subscription_event_id
    left join changes on receipts.receipt_id = changes.receipt_id
    left join users on {{ holds_at('users', 'receipts.user_id', 'receipts.transacted_at') }}
),

final as (
    select
        receipt_id,
        product_kind,
        product_key,
        {%- for name in dimensions %}
            {{ name }},
        {%- endfor %}
        gross_usd,
        booked_date,
        refunded_date,
        coalesce(period_start_date, booked_date) as start_date,
        cut_date,
        greatest(coalesce({{ days_between('period_start_date', 'period_end_date') }}, 0), 0)
            as span_days,
        greatest(
            booked_date,
            coalesce(
                refunded_date,
                greatest(least(period_end_date, cut_date), last_change_date),
                booked_date
            )
        ) as last_date
    from dated
)

select * from final
