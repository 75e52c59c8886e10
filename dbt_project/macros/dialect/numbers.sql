{# Whole numbers divided, what is left over dropped. #}
{% macro whole_quotient(dividend, divisor) -%}
    {{- return(adapter.dispatch("whole_quotient", "hypnomart")(dividend, divisor)) -}}
{%- endmacro %}

{% macro default__whole_quotient(dividend, divisor) -%}
    {{ dividend }} // {{ divisor }}
{%- endmacro %}

{% macro postgres__whole_quotient(dividend, divisor) -%}
    div({{ dividend }}, {{ divisor }})
{%- endmacro %}

{% macro spark__whole_quotient(dividend, divisor) -%}
    {{ dividend }} div {{ divisor }}
{%- endmacro %}

{# Natural logarithm of the gamma function, of a DOUBLE above 0. #}
{% macro ln_gamma(expression) -%}
    {{- return(adapter.dispatch("ln_gamma", "hypnomart")(expression)) -}}
{%- endmacro %}

{% macro default__ln_gamma(expression) -%}
    lgamma({{ expression }})
{%- endmacro %}

{# Stirling's series at x + 8, less the factors between: within 1e-14 of it, and exactly 0 where it is. #}
{% macro postgres__ln_gamma(expression) -%}
    {%- set x = "cast(" ~ expression ~ " as " ~ type_double() ~ ")" -%}
    {%- set far = "(" ~ x ~ " + 8)" -%}
    case when {{ x }} in (1, 2) then 0 else
        ({{ far }} - 0.5) * ln({{ far }}) - {{ far }} + 0.5 * ln(2 * pi())
        + 1 / (12 * {{ far }}) - 1 / (360 * power({{ far }}, 3)) + 1 / (1260 * power({{ far }}, 5))
        - 1 / (1680 * power({{ far }}, 7)) + 1 / (1188 * power({{ far }}, 9))
        - 691 / (360360 * power({{ far }}, 11)) + 1 / (156 * power({{ far }}, 13))
        {%- for step in range(8) %} - ln({{ x }} + {{ step }}){% endfor %}
    end
{%- endmacro %}

{% macro spark__ln_gamma(expression) -%}
    {{ return(postgres__ln_gamma(expression)) }}
{%- endmacro %}

{# A DOUBLE to so many digits of its fraction. #}
{% macro rounded(expression, digits) -%}
    {{- return(adapter.dispatch("rounded", "hypnomart")(expression, digits)) -}}
{%- endmacro %}

{% macro default__rounded(expression, digits) -%}
    round({{ expression }}, {{ digits }})
{%- endmacro %}

{% macro postgres__rounded(expression, digits) -%}
    cast(round(cast({{ expression }} as numeric), {{ digits }}) as double precision)
{%- endmacro %}

{# BIGINT, the whole number nearest to a DOUBLE, the even one of two. #}
{% macro whole_number_of(expression) -%}
    {{- return(adapter.dispatch("whole_number_of", "hypnomart")(expression)) -}}
{%- endmacro %}

{% macro default__whole_number_of(expression) -%}
    cast({{ expression }} as bigint)
{%- endmacro %}

{# Spark's cast drops the fraction. #}
{% macro spark__whole_number_of(expression) -%}
    cast(rint({{ expression }}) as bigint)
{%- endmacro %}
