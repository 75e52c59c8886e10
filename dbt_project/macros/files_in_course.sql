{#
    BIGINT, how many sound files the JSON of a course names: those below audio_files, or of a bare list.
    Null where there is none, or no JSON that can be read.
#}
{% macro files_in_course(audio) -%}
    cast(
        case
            when not json_valid({{ audio }}) then null
            when json_type({{ audio }}) = 'ARRAY' then json_array_length({{ audio }})
            when json_type({{ audio }}, '$.audio_files') = 'ARRAY'
                then json_array_length({{ audio }}, '$.audio_files')
        end as bigint
    )
{%- endmacro %}
