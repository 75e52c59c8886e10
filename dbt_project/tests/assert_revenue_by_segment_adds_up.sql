{%- set measures = [
    "charges", "refunds", "refund_reversals", "gross_usd", "refunds_usd", "net_usd",
    "discount_usd", "tax_usd", "store_fees_usd", "proceeds_usd",
] %}
with months as (
    select
        revenue_month,
        {% for measure in measures %}
            sum({{ measure }}) as {{ measure }}{% if not loop.last %},{% endif %}
        {% endfor %}
    from {{ ref('revenue_monthly') }}
    group by revenue_month
),

segments as (
    select
        revenue_month,
        dimension,
        {% for measure in measures %}
            sum({{ measure }}) as {{ measure }}{% if not loop.last %},{% endif %}
        {% endfor %}
    from {{ ref('revenue_by_segment_monthly') }}
    group by revenue_month, dimension
),

dimensions as (
    select distinct dimension from segments
),

expected as (
    select
        months.*,
        dimensions.dimension
    from months
    cross join dimensions
)

select
    expected.revenue_month,
    expected.dimension
from expected
left join segments
    on
        expected.revenue_month = segments.revenue_month
        and expected.dimension = segments.dimension
where
    segments.dimension is null
    {% for measure in measures %}
        or expected.{{ measure }} <> segments.{{ measure }}
    {% endfor %}
