{#
    Every metric of the project, as a list of mappings: name, description, formula, mart, unit,
    is_additive, dimensions, needs, final_when. Told from the semantic models and metrics, so that a metric
    has one home. A ratio or derived metric has the mart of its first input.
#}
{% macro project_metrics() -%}
    {%- set models, simple = {}, {} -%}
    {%- for model in graph.semantic_models.values() -%}
        {%- for measure in model.measures -%}
            {%- do models.update({measure.name: {"model": model, "measure": measure}}) -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- set metrics = graph.metrics.values() | sort(attribute="name") -%}
    {%- for metric in metrics if metric.type == "simple" -%}
        {%- do simple.update({metric.name: models[metric.type_params.measure.name]}) -%}
    {%- endfor -%}
    {%- set found = [] -%}
    {%- for metric in metrics -%}
        {%- set params = metric.type_params -%}
        {%- if metric.type == "simple" -%}
            {%- set home = simple[metric.name] -%}
            {%- set formula = home.measure.agg ~ "(" ~ (home.measure.expr or home.measure.name) ~ ")" -%}
            {%- if home.measure.non_additive_dimension -%}
                {%- set choice = {"max": "last", "min": "first"}[home.measure.non_additive_dimension.window_choice] -%}
                {%- set formula = formula ~ " of the period's " ~ choice ~ " " ~ home.measure.non_additive_dimension.name -%}
            {%- endif -%}
        {%- elif metric.type == "ratio" -%}
            {%- set home = simple[params.numerator.name] -%}
            {%- set formula = params.numerator.name ~ " / " ~ params.denominator.name -%}
        {%- else -%}
            {%- set home = simple[params.metrics[0].name] -%}
            {%- set formula = params.expr -%}
        {%- endif -%}
        {%- set mart = graph.nodes[home.model.depends_on.nodes[0]] -%}
        {%- do found.append({
            "metric": metric.name,
            "description": metric.description,
            "formula": formula,
            "mart": mart.name,
            "unit": metric.config.meta.unit,
            "is_additive": metric.config.meta.is_additive,
            "dimensions": metric_dimensions(home.model) | join(", "),
            "needs": (metric.config.meta.needs or []) | join(", "),
            "final_when": mart.config.meta.final,
        }) -%}
    {%- endfor -%}
    {{ return(found) }}
{%- endmacro %}

{# What a semantic model's metrics may be grouped by: grains from that of its time up, attributes. #}
{% macro metric_dimensions(semantic_model) -%}
    {%- set grains, names = ["day", "week", "month", "quarter", "year"], [] -%}
    {%- for dimension in semantic_model.dimensions -%}
        {%- if dimension.type == "time" -%}
            {%- do names.extend(grains[grains.index(dimension.type_params.time_granularity):]) -%}
        {%- else -%}
            {%- do names.append(dimension.name) -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(names) }}
{%- endmacro %}

{# A text as a SQL literal. #}
{% macro text_literal(text) -%}
    '{{ text | string | replace("'", "''") }}'
{%- endmacro %}
