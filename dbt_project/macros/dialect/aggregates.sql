{# Aggregate: `value` of the row with the greatest `key`, of those where neither is null. #}
{% macro value_at_greatest(value, key) -%}
    {{- return(adapter.dispatch("value_at_greatest", "hypnomart")(value, key)) -}}
{%- endmacro %}

{% macro default__value_at_greatest(value, key) -%}
    max_by({{ value }}, {{ key }})
{%- endmacro %}

{% macro postgres__value_at_greatest(value, key) -%}
    (array_agg({{ value }} order by {{ key }} desc) filter (where {{ value }} is not null and {{ key }} is not null))[1]
{%- endmacro %}

{% macro spark__value_at_greatest(value, key) -%}
    max_by({{ value }}, {{ key }}) filter (where {{ value }} is not null and {{ key }} is not null)
{%- endmacro %}

{# Aggregate: `value`, never null, of the row that comes first in the order of `keys`, none of which is null. #}
{% macro value_at_first(value, keys) -%}
    {{- return(adapter.dispatch("value_at_first", "hypnomart")(value, keys)) -}}
{%- endmacro %}

{% macro default__value_at_first(value, keys) -%}
    arg_min({{ value }}, ({{ keys | join(", ") }}))
{%- endmacro %}

{% macro postgres__value_at_first(value, keys) -%}
    (array_agg({{ value }} order by {{ keys | join(", ") }}))[1]
{%- endmacro %}

{% macro spark__value_at_first(value, keys) -%}
    min_by({{ value }}, struct({{ keys | join(", ") }}))
{%- endmacro %}

{# Aggregate, over a window too: the least UUID. #}
{% macro least_uuid(expression) -%}
    {{- return(adapter.dispatch("least_uuid", "hypnomart")(expression)) -}}
{%- endmacro %}

{% macro default__least_uuid(expression) -%}
    min({{ expression }})
{%- endmacro %}

{# Its digits are ordered as it is. #}
{% macro postgres__least_uuid(expression) -%}
    cast(min(cast({{ expression }} as text)) as uuid)
{%- endmacro %}

{# Aggregate: DOUBLE, the middle of the values. #}
{% macro median_of(expression) -%}
    {{- return(adapter.dispatch("median_of", "hypnomart")(expression)) -}}
{%- endmacro %}

{% macro default__median_of(expression) -%}
    cast(median({{ expression }}) as double)
{%- endmacro %}

{% macro postgres__median_of(expression) -%}
    percentile_cont(0.5) within group (order by {{ expression }})
{%- endmacro %}

{# The last value that is not null of the rows of a window that ends with the present row. `over`: the window. #}
{% macro last_known_value(expression, over) -%}
    {{- return(adapter.dispatch("last_known_value", "hypnomart")(expression, over)) -}}
{%- endmacro %}

{% macro default__last_known_value(expression, over) -%}
    last_value({{ expression }} ignore nulls) over {{ over }}
{%- endmacro %}

{% macro postgres__last_known_value(expression, over) -%}
    (array_agg({{ expression }}) filter (where {{ expression }} is not null) over {{ over }})[
        count({{ expression }}) over {{ over }}
    ]
{%- endmacro %}

{% macro spark__last_known_value(expression, over) -%}
    last_value({{ expression }}) ignore nulls over {{ over }}
{%- endmacro %}

{# The first value that is not null of the rows of a window. `over`: the window. #}
{% macro first_known_value(expression, over) -%}
    {{- return(adapter.dispatch("first_known_value", "hypnomart")(expression, over)) -}}
{%- endmacro %}

{% macro default__first_known_value(expression, over) -%}
    first_value({{ expression }} ignore nulls) over {{ over }}
{%- endmacro %}

{% macro postgres__first_known_value(expression, over) -%}
    (array_agg({{ expression }}) filter (where {{ expression }} is not null) over {{ over }})[1]
{%- endmacro %}

{% macro spark__first_known_value(expression, over) -%}
    first_value({{ expression }}) ignore nulls over {{ over }}
{%- endmacro %}

{# Several columns as one value, which equals another where each column does, nulls too. #}
{% macro row_of(columns) -%}
    {{- return(adapter.dispatch("row_of", "hypnomart")(columns)) -}}
{%- endmacro %}

{% macro default__row_of(columns) -%}
    {
        {%- for column in columns %}'{{ column }}': {{ column }}{{ ", " if not loop.last }}{% endfor -%}
    }
{%- endmacro %}

{% macro postgres__row_of(columns) -%}
    row({{ columns | join(", ") }})
{%- endmacro %}

{% macro spark__row_of(columns) -%}
    struct({{ columns | join(", ") }})
{%- endmacro %}

{# Aggregate: the sum of DOUBLEs, added in the order of `keys`, so that the last digits are the same each time. #}
{% macro ordered_sum(expression, keys) -%}
    {{- return(adapter.dispatch("ordered_sum", "hypnomart")(expression, keys)) -}}
{%- endmacro %}

{% macro default__ordered_sum(expression, keys) -%}
    sum({{ expression }} order by {{ keys | join(", ") }})
{%- endmacro %}

{# Spark's sums know no order. #}
{% macro spark__ordered_sum(expression, keys) -%}
    case
        when count({{ expression }}) > 0
            then aggregate(
                array_sort(
                    collect_list(struct({{ keys | join(", ") }}, cast({{ expression }} as double) as added))
                    filter (where {{ expression }} is not null)
                ),
                cast(0 as double), (total, one) -> total + one.added
            )
    end
{%- endmacro %}

{# Aggregate: the mean, of DOUBLEs in the order of `keys`. #}
{% macro mean_of(expression, keys=[]) -%}
    {{- return(adapter.dispatch("mean_of", "hypnomart")(expression, keys)) -}}
{%- endmacro %}

{% macro default__mean_of(expression, keys) -%}
    avg({{ expression }}{{ " order by " ~ keys | join(", ") if keys }})
{%- endmacro %}

{# Spark's mean of decimals is one of four more digits. #}
{% macro spark__mean_of(expression, keys) -%}
    cast(sum({{ expression }}) as double) / nullif(count({{ expression }}), 0)
{%- endmacro %}
