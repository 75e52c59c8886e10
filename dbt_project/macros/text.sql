{# How staging cleans text, the only place where that is done; seeds go through their own models. #}

{# Text without blanks, tabs and line ends around it; null where nothing is left. #}
{% macro stripped(expression) -%}
    nullif({{ without_blanks(expression) }}, '')
{%- endmacro %}

{# A word of a fixed list, or a code as it is compared: stripped, in lower case. #}
{% macro lowered(expression) -%}
    lower({{ stripped(expression) }})
{%- endmacro %}

{# What a purchase's status says, without the prefix that one store's library writes. #}
{% macro purchase_status(expression) -%}
    {{ without_match(lowered(expression), "'^purchasestatus[.]'") }}
{%- endmacro %}

{# What a store's purchase says of the sale, in a table with all of these columns; each with a comma. #}
{% macro purchase_columns() -%}
    {{ stripped('product_id') }} as product_id,
    {{ stripped('purchase_id') }} as purchase_id,
    purchase_token_hash,
    {{ lowered('source') }} as store,
    {{ purchase_status('status') }} as status,
    {{ stripped('transaction_date') }} as transaction_date,
{%- endmacro %}
