{# Text without blanks, tabs and line ends around it. #}
{% macro without_blanks(expression) -%}
    {{- return(adapter.dispatch("without_blanks", "hypnomart")(expression)) -}}
{%- endmacro %}

{% macro default__without_blanks(expression) -%}
    trim({{ expression }}, e' \t\n\f\r')
{%- endmacro %}

{% macro postgres__without_blanks(expression) -%}
    btrim({{ expression }}, e' \t\n\f\r')
{%- endmacro %}

{# Whether a regular expression, a literal, is found in a text. #}
{% macro matches(expression, pattern) -%}
    {{- return(adapter.dispatch("matches", "hypnomart")(expression, pattern)) -}}
{%- endmacro %}

{% macro default__matches(expression, pattern) -%}
    regexp_matches({{ expression }}, {{ pattern }})
{%- endmacro %}

{% macro postgres__matches(expression, pattern) -%}
    {{ expression }} ~ {{ pattern }}
{%- endmacro %}

{# What a group, by its number, of a regular expression holds; empty where it is not found. #}
{% macro matched_group(expression, pattern, group) -%}
    {{- return(adapter.dispatch("matched_group", "hypnomart")(expression, pattern, group)) -}}
{%- endmacro %}

{% macro default__matched_group(expression, pattern, group) -%}
    regexp_extract({{ expression }}, {{ pattern }}, {{ group }})
{%- endmacro %}

{# Null as it is for a text that is null. #}
{% macro postgres__matched_group(expression, pattern, group) -%}
    case
        when {{ expression }} is not null
            then coalesce((regexp_match({{ expression }}, {{ pattern }}))[{{ group }}], '')
    end
{%- endmacro %}

{#
    BIGINT, how many sound files the JSON of a course names: those below audio_files, or of a bare list.
    Null where there is none, or no JSON that can be read.
#}
{% macro files_in_course(audio) -%}
    {{- return(adapter.dispatch("files_in_course", "hypnomart")(audio)) -}}
{%- endmacro %}

{% macro default__files_in_course(audio) -%}
    cast(
        case
            when not json_valid({{ audio }}) then null
            when json_type({{ audio }}) = 'ARRAY' then json_array_length({{ audio }})
            when json_type({{ audio }}, '$.audio_files') = 'ARRAY'
                then json_array_length({{ audio }}, '$.audio_files')
        end as bigint
    )
{%- endmacro %}

{% macro postgres__files_in_course(audio) -%}
    cast(
        case
            when {{ audio }} is json array then json_array_length(cast({{ audio }} as json))
            when {{ audio }} is json object then
                case json_typeof(cast({{ audio }} as json) -> 'audio_files')
                    when 'array' then json_array_length(cast({{ audio }} as json) -> 'audio_files')
                end
        end as bigint
    )
{%- endmacro %}
