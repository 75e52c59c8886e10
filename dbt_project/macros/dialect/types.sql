{# Where engines differ, they differ in this folder. default__ is DuckDB's word, postgres__ PostgreSQL's. #}

{# A number with a binary fraction, 64 bits. #}
{% macro type_double() -%}
    {{- return(adapter.dispatch("type_double", "hypnomart")()) -}}
{%- endmacro %}

{% macro default__type_double() -%} double {%- endmacro %}

{% macro postgres__type_double() -%} double precision {%- endmacro %}

{# Text of any length. #}
{% macro type_text() -%}
    {{- return(adapter.dispatch("type_text", "hypnomart")()) -}}
{%- endmacro %}

{% macro default__type_text() -%} varchar {%- endmacro %}

{% macro spark__type_text() -%} string {%- endmacro %}

{# A whole number of up to 38 digits. #}
{% macro type_hugeint() -%}
    {{- return(adapter.dispatch("type_hugeint", "hypnomart")()) -}}
{%- endmacro %}

{% macro default__type_hugeint() -%} hugeint {%- endmacro %}

{% macro postgres__type_hugeint() -%} numeric(38, 0) {%- endmacro %}

{% macro spark__type_hugeint() -%} decimal(38, 0) {%- endmacro %}

{# A UUID; Spark holds it as text, in small letters with its four lines. #}
{% macro type_uuid() -%}
    {{- return(adapter.dispatch("type_uuid", "hypnomart")()) -}}
{%- endmacro %}

{% macro default__type_uuid() -%} uuid {%- endmacro %}

{% macro spark__type_uuid() -%} string {%- endmacro %}

{# A decimal as one of fewer digits, null where it has more. `digits`: all of them, `scale`: those of the fraction. #}
{% macro decimal_or_null(expression, digits, scale) -%}
    {{- return(adapter.dispatch("decimal_or_null", "hypnomart")(expression, digits, scale)) -}}
{%- endmacro %}

{% macro default__decimal_or_null(expression, digits, scale) -%}
    try_cast({{ expression }} as decimal({{ digits }}, {{ scale }}))
{%- endmacro %}

{% macro postgres__decimal_or_null(expression, digits, scale) -%}
    case
        when abs(round({{ expression }}, {{ scale }})) < power(10::numeric, {{ digits - scale }})
            then cast({{ expression }} as decimal({{ digits }}, {{ scale }}))
    end
{%- endmacro %}

{#
    A DOUBLE as a decimal, rounded in its own arithmetic: times a power of ten, halves away from zero.
#}
{% macro decimal_of(expression, digits, scale) -%}
    {{- return(adapter.dispatch("decimal_of", "hypnomart")(expression, digits, scale)) -}}
{%- endmacro %}

{% macro default__decimal_of(expression, digits, scale) -%}
    cast({{ expression }} as decimal({{ digits }}, {{ scale }}))
{%- endmacro %}

{#
    PostgreSQL's own cast keeps fifteen digits of a double, and so makes halves that were none. More than 2^63
    units of the last digit are an error.
#}
{% macro postgres__decimal_of(expression, digits, scale) -%}
    {%- set units = "(" ~ expression ~ ") * cast(1e" ~ scale ~ " as double precision)" -%}
    cast(
        cast(sign({{ units }}) * floor(abs({{ units }}) + 0.5) as bigint) * 1e-{{ scale }} as decimal({{ digits }}, {{ scale }})
    )
{%- endmacro %}

{#
    Spark takes the shortest decimal text of a double, and so makes halves that were none. A product of more
    than 38 digits would lose some of its fraction.
#}
{% macro spark__decimal_of(expression, digits, scale) -%}
    {%- set units = "(" ~ expression ~ ") * cast(1e" ~ scale ~ " as double)" -%}
    cast(
        cast(sign({{ units }}) * floor(abs({{ units }}) + 0.5) as decimal({{ 37 - scale }}, 0))
        * cast(1e-{{ scale }} as decimal({{ scale }}, {{ scale }})) as decimal({{ digits }}, {{ scale }})
    )
{%- endmacro %}
