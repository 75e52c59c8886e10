with sums as (
    {% for mart, moment in [
        ('fct_revenue', 'booked_at'),
        ('revenue_daily', 'revenue_date'),
        ('revenue_monthly', 'revenue_month')
    ] %}
        {%- set is_fact = mart == 'fct_revenue' %}
        select
            '{{ mart }}' as mart,
            {{ month_start(moment) }} as revenue_month,
            product_kind,
            sum({{ "gross_usd" if is_fact else "net_usd" }}) as net_usd,
            sum(discount_usd) as discount_usd,
            sum(tax_usd) as tax_usd,
            sum({{ "store_fee_usd" if is_fact else "store_fees_usd" }}) as store_fees_usd,
            sum(proceeds_usd) as proceeds_usd
        from {{ ref(mart) }}
        group by {{ month_start(moment) }}, product_kind
        {% if not loop.last %}union all{% endif %}
    {% endfor %}
)

select
    revenue_month,
    product_kind
from sums
group by revenue_month, product_kind
having
    count(*) <> 3
    or min(net_usd) <> max(net_usd)
    or min(discount_usd) <> max(discount_usd)
    or min(tax_usd) <> max(tax_usd)
    or min(store_fees_usd) <> max(store_fees_usd)
    or min(proceeds_usd) <> max(proceeds_usd)
