{# The number in a pack's product key, ai_credits_4000 -> 4000; null where there is none above 0. #}
{% macro credits_in_name(product_key) -%}
nullif(cast(nullif({{ matched_group(product_key, "'^[^0-9]*([0-9]{1,9})'", 1) }}, '') as bigint), 0)
{%- endmacro %}
