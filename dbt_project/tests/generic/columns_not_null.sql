{# Rows of a model that lack one of `columns`: one query in place of a test for each column. #}
{% test columns_not_null(model, columns) %}
select {{ columns | join(", ") }}
from {{ model }}
where {% for column in columns %}{{ "or " if not loop.first }}{{ column }} is null {% endfor %}
{% endtest %}
