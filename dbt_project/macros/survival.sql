{#
    The shifted-beta-geometric model (Fader and Hardie 2007): each customer leaves at a renewal with a
    probability of his own, drawn from Beta(alpha, beta). Of those still there before renewal t the share
    alpha / (alpha + beta + t - 1) leaves, that is 1 / (1 + odds) with
        odds = (beta + t - 1) / alpha = exp(log_ratio) + (t - 1) * exp(log_spread)
    for log_ratio = ln(beta / alpha), log_spread = ln(1 / alpha): the two parameters that are fitted.
    At the lower bound of log_spread (alpha = 10000) customers do not differ, survival is geometric.
#}
{% macro sbg_bounds() -%}
    {{ return({"log_ratio": (-9.2, 9.2), "log_spread": (-9.210340371976182, 4.6)}) }}
{%- endmacro %}

{# The model's odds of staying at a renewal, a DOUBLE above 0. #}
{% macro sbg_odds(parameters, renewal_number) -%}
    (exp({{ parameters }}.log_ratio) + ({{ renewal_number }} - 1) * exp({{ parameters }}.log_spread))
{%- endmacro %}

{# Aggregate: the log-likelihood of at_risk and lost customers of all renewals. #}
{% macro sbg_log_likelihood(counts, parameters) -%}
    {%- set odds = sbg_odds(parameters, counts ~ ".renewal_number") -%}
    {{ ordered_sum(
        "(" ~ counts ~ ".at_risk - " ~ counts ~ ".lost) * ln(" ~ odds ~ ") - " ~ counts ~ ".at_risk * ln(1 + " ~ odds ~ ")",
        [counts ~ ".renewal_number"]
    ) }}
{%- endmacro %}

{# A parameter held within its bounds. #}
{% macro sbg_bounded(name, expression) -%}
    least(greatest({{ expression }}, {{ sbg_bounds()[name][0] }}), {{ sbg_bounds()[name][1] }})
{%- endmacro %}

{# Expected curvature of the log-likelihood in the odds, for one customer at risk. #}
{% macro sbg_weight(parameters, renewal_number) -%}
    1 / ({{ sbg_odds(parameters, renewal_number) }} * power(1 + {{ sbg_odds(parameters, renewal_number) }}, 2))
{%- endmacro %}

{# The share still there after each of a group's renewals, the product of their odds of staying. #}
{% macro sbg_survival(parameters, renewal_number, group) -%}
    exp(
        sum(-ln(1 + 1 / {{ sbg_odds(parameters, renewal_number) }})) over (
            partition by {{ group | join(", ") }}
            order by {{ renewal_number }}
            rows between unbounded preceding and current row
        )
    )
{%- endmacro %}

{# The two parameters at so many radii along a ray from the best ones, within their bounds. #}
{% macro sbg_along(ray, radius) -%}
    {%- for name, step in {"log_ratio": "ratio_step", "log_spread": "spread_step"}.items() %}
    {{ sbg_bounded(name, ray ~ "." ~ name ~ " + " ~ ray ~ "." ~ step ~ " * " ~ radius) }} as {{ name }}
    {{- "," if not loop.last }}
    {%- endfor %}
{%- endmacro %}
