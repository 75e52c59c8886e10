{# Interval estimates of shares, as DOUBLE; null where nothing stands under the share. #}

{# The standard normal quantile of a two-sided 95 % interval. #}
{% macro normal_quantile_95() %}1.959963984540054{% endmacro %}

{# Lower end of Wilson's score interval (Wilson 1927), exactly 0 where nothing succeeded. #}
{% macro wilson_low(successes, trials) -%}
    case
        when {{ successes }} = 0 and {{ trials }} > 0 then cast(0 as {{ type_double() }})
        else {{ wilson_end(successes, trials, '-') }}
    end
{%- endmacro %}

{# Upper end of Wilson's score interval, exactly 1 where all succeeded. #}
{% macro wilson_high(successes, trials) -%}
    case
        when {{ successes }} = {{ trials }} and {{ trials }} > 0 then cast(1 as {{ type_double() }})
        else {{ wilson_end(successes, trials, '+') }}
    end
{%- endmacro %}

{% macro wilson_end(successes, trials, sign) -%}
    {%- set z = normal_quantile_95() -%}
    (
        2.0 * {{ successes }} + power({{ z }}, 2) {{ sign }} {{ z }} * sqrt(
            power({{ z }}, 2)
            + 4.0 * {{ successes }} * (1.0 - {{ ratio(successes, trials) }})
        )
    ) / (2.0 * (nullif({{ trials }}, 0) + power({{ z }}, 2)))
{%- endmacro %}

{#
    Ends of the interval of rate - other, from both rates' Wilson intervals (Newcombe 1998, method 10):
    columns of the rates' names with _low and _high behind.
#}
{% macro newcombe_low(rate, other) -%}
    {{ rate }} - {{ other }} - sqrt(
        power({{ rate }} - {{ rate }}_low, 2) + power({{ other }}_high - {{ other }}, 2)
    )
{%- endmacro %}

{% macro newcombe_high(rate, other) -%}
    {{ rate }} - {{ other }} + sqrt(
        power({{ rate }}_high - {{ rate }}, 2) + power({{ other }} - {{ other }}_low, 2)
    )
{%- endmacro %}
