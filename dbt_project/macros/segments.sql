{# The dimensions by which movements, the bridge and revenue are split. #}
{% macro segment_dimensions() -%}
    {{ return(["plan", "store", "country", "lead_source", "cohort_code", "acquisition"]) }}
{%- endmacro %}

{# A plan's name by the months that one charge pays. #}
{% macro plan_named(billing_months) -%}
    case {{ billing_months }}
        when 1 then 'monthly'
        when 3 then 'quarterly'
        when 12 then 'yearly'
        else 'other'
    end
{%- endmacro %}

{# The plan of something sold, none where it is no subscription. #}
{% macro plan_of_sale(product_kind, billing_months) -%}
    case when {{ product_kind }} = 'subscription' then {{ plan_named(billing_months) }} else 'none' end
{%- endmacro %}

{# How a user came: with a code or without. #}
{% macro acquisition_of(referred_by_code) -%}
    case when {{ referred_by_code }} is null then 'organic' else 'referred' end
{%- endmacro %}
