{#
    `usd` (DECIMAL with four decimals) times `part` / `whole`, rounded half away from zero to
    `scale` decimals. Exact: whole numbers throughout, since dividing decimals gives a double.
    `part` and `whole` are whole numbers, `whole` above 0.
#}
{% macro prorated_usd(usd, part, whole, scale=4) -%}
{{ adapter.dispatch("prorated_usd")(usd, part, whole, scale) }}
{%- endmacro %}

{% macro default__prorated_usd(usd, part, whole, scale) -%}
{%- set units = "cast(round(abs(" ~ usd ~ ") * 10000) as decimal(38, 0)) * " ~ 10 ** (scale - 4) -%}
cast(
    sign({{ usd }})
    * floor((2 * {{ units }} * {{ part }} + {{ whole }}) / (2 * {{ whole }}))
    / {{ 10 ** scale }} as decimal(18, {{ scale }})
)
{%- endmacro %}

{% macro duckdb__prorated_usd(usd, part, whole, scale) -%}
{%- set units = "cast(abs(" ~ usd ~ ") * 10000 as hugeint) * " ~ 10 ** (scale - 4) -%}
cast(
    cast(
        sign({{ usd }})
        * ((2 * {{ units }} * {{ part }} + {{ whole }}) // (2 * {{ whole }})) as decimal(38, 0)
    ) * cast({{ "0." ~ "0" * (scale - 1) ~ "1" }} as decimal({{ scale + 1 }}, {{ scale }}))
    as decimal(18, {{ scale }})
)
{%- endmacro %}
