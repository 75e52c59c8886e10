{# A code as it is compared: without blanks around it, in lower case; null where nothing is left. #}
{% macro normalised_code(expression) -%}
    lower({{ stripped(expression) }})
{%- endmacro %}
