{# Ends the statement with a message of ours, which the user then reads. #}
{% macro stop_with(message) -%}
    error({{ message }})
{%- endmacro %}
