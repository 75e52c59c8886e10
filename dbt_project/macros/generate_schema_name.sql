{#
    Schemas are named as configured, without the target's schema in front; at a server that others use, with a
    prefix of ours, as the sources' are.
#}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {{ env_var("HYPNOMART_SCHEMA_PREFIX", "") }}{{ custom_schema_name | trim if custom_schema_name else target.schema }}
{%- endmacro %}
