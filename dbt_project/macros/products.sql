{# A store's product id in lower case, without the bundle prefix of the App Store; null if empty. #}
{% macro product_id_of(product_id) -%}
    nullif({{ without_match("lower(" ~ product_id ~ ")", "'^me[.]hypnoelp[.]app[.]'") }}, '')
{%- endmacro %}

{#
    A discounted product is the product's id with a suffix: ai_credits_4000_x2, x99enb_c1. After a
    known kind of id any suffix counts, after another only a letter with digits. `.` is no line end in DuckDB
    alone, so the patterns say it.
#}
{% macro discounted_product_pattern(part) -%}
    {%- if part == "known" -%}
        '^(ai_credits_[0-9]+|[a-z][0-9]+[a-z]+)_([^\n]+)$'
    {%- else -%}
        '^([^\n]+)_([a-z][0-9]+)$'
    {%- endif -%}
{%- endmacro %}

{# product_key of a normalised id (product_id_of) of anything but a subscription. #}
{% macro product_key_of(normal_id) -%}
    {{ product_part(normal_id, 1, normal_id) }}
{%- endmacro %}

{# offer_id that the suffix of a normalised id stands for, null without suffix. #}
{% macro product_offer_of(normal_id) -%}
    {{ product_part(normal_id, 2, "null") }}
{%- endmacro %}

{% macro product_part(normal_id, group, otherwise) -%}
    case
        {%- for part in ["known", "other"] %}
        when {{ matches(normal_id, discounted_product_pattern(part)) }}
            then {{ matched_group(normal_id, discounted_product_pattern(part), group) }}
        {%- endfor %}
        else {{ otherwise }}
    end
{%- endmacro %}

{#
    product_key of a subscription, product/base plan. Apple's subscription_1month is the monthly plan;
    a base plan without product belongs to the only subscription product there is.
#}
{% macro subscription_key_of(product_id, base_plan_id) -%}
    case
        when {{ product_id_of(product_id) }} = 'subscription_1month'
            then 'hypnoelp_subscriptions/monthly-plan'
        when {{ base_plan_id }} is not null
            then coalesce({{ product_id_of(product_id) }}, 'hypnoelp_subscriptions')
                || '/' || lower({{ base_plan_id }})
        else {{ product_id_of(product_id) }}
    end
{%- endmacro %}

{# Kind that the form of a product_key shows; null for a form that no known product has. #}
{% macro product_kind_of(product_key) -%}
    case
        when {{ product_key }} like '%/%' or {{ product_key }} = 'hypnoelp_subscriptions' then 'subscription'
        when {{ product_key }} like 'ai_credits%' then 'ai_credits'
        when {{ matches(product_key, "'^x[0-9]+[a-z]+$'") }} then 'custom_audio'
        when {{ matches(product_key, "'^[a-z][0-9]+[a-z]+$'") }} then 'course'
    end
{%- endmacro %}

{# Months of one period of a base plan by its name, where no price book says them. #}
{% macro plan_months_of(base_plan_id) -%}
    case split_part({{ base_plan_id }}, '-', 1)
        when 'monthly' then 1
        when 'quarterly' then 3
        when 'yearly' then 12
        when 'annual' then 12
    end
{%- endmacro %}

{# Buyer of a receipt whose custom course is gone: one user who stands for all that cannot be named. #}
{% macro unknown_user_id() -%}
    00000000-0000-0000-0000-000000000000
{%- endmacro %}
