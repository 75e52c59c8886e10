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

{% macro spark__without_blanks(expression) -%}
    btrim({{ expression }}, ' \t\n\u000c\r')
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

{# `$` also matches before a last line end in Java. #}
{% macro spark__matches(expression, pattern) -%}
    {{ expression }} rlike {{ spark_pattern(pattern) }}
{%- endmacro %}

{% macro spark_pattern(pattern) -%}
    {{- pattern | replace("\\", "\\\\") | replace("$", "\\\\z") -}}
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

{% macro spark__matched_group(expression, pattern, group) -%}
    regexp_extract({{ expression }}, {{ spark_pattern(pattern) }}, {{ group }})
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

{# Spark reads no further than the first value. #}
{% macro spark__files_in_course(audio) -%}
    cast(
        case
            when {{ audio }} rlike '[\\]}]\\s*\\z'
                then coalesce(
                    json_array_length({{ audio }}),
                    json_array_length(get_json_object({{ audio }}, '$.audio_files'))
                )
        end as bigint
    )
{%- endmacro %}

{# Text without the first part that a regular expression, a literal, matches. #}
{% macro without_match(expression, pattern) -%}
    {{- return(adapter.dispatch("without_match", "hypnomart")(expression, pattern)) -}}
{%- endmacro %}

{% macro default__without_match(expression, pattern) -%}
    regexp_replace({{ expression }}, {{ pattern }}, '')
{%- endmacro %}

{# Of every part, in Spark; the patterns here match one at most. #}
{% macro spark__without_match(expression, pattern) -%}
    regexp_replace({{ expression }}, {{ spark_pattern(pattern) }}, '')
{%- endmacro %}
