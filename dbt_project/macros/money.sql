{# Dollars as DECIMAL(18,4), rounded half away from zero, once: the expression is an exact decimal. #}
{% macro round_usd(expression) -%}
    cast(round({{ expression }}, 4) as decimal(18, 4))
{%- endmacro %}

{#
    amount_usd * numerator / denominator as DECIMAL(18,4), exact up to the one rounding half away from
    zero: in whole units of 0.0001, since a division of decimals would pass through a double.
    `numerator` and `denominator` are whole numbers of at most 18 digits, neither below 0; null over 0.
#}
{% macro usd_share(amount_usd, numerator, denominator) -%}
    {%- set whole = type_hugeint() -%}
    {%- set units = "2 * cast(abs(" ~ amount_usd ~ ") * 10000 as " ~ whole ~ ") * cast(" ~ numerator ~ " as " ~ whole ~ ")" -%}
    {%- set parts = "cast(" ~ denominator ~ " as " ~ whole ~ ")" -%}
    cast(
        cast(
            sign({{ amount_usd }}) * (
                {{ whole_quotient("(" ~ units ~ " + " ~ parts ~ ")", "(2 * nullif(" ~ parts ~ ", 0))") }}
            ) as decimal(34, 0)
        ) * cast(0.0001 as decimal(4, 4)) as decimal(18, 4)
    )
{%- endmacro %}
