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
