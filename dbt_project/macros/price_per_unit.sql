{# `usd` / `units` as DECIMAL(18,8), half away from zero: the exact share of 10000 times the sum, moved. #}
{% macro price_per_unit(usd, units) -%}
cast(
    cast({{ usd_share("cast(" ~ usd ~ " * 10000 as decimal(30, 4))", "1", units) }} as decimal(30, 8))
    * cast(0.0001 as decimal(4, 4)) as decimal(18, 8)
)
{%- endmacro %}
