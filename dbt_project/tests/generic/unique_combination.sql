{# Rows of a model that share the values of `columns`, or lack one of them. #}
{% test unique_combination(model, columns) %}
select
    {{ columns | join(", ") }},
    count(*) as row_count
from {{ model }}
group by {{ columns | join(", ") }}
having
    count(*) > 1
    {% for column in columns %}or {{ column }} is null
    {% endfor %}
{% endtest %}
