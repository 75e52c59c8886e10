-- One row per cohort row, with the code under which the marts show it. Codes that are equal but for
-- blanks and case are one cohort, in the spelling of its oldest row (is_speaker).
with cohorts as (
    select * from {{ ref('stg_cohorts') }}
),

keyed as (
    select
        *,
        coalesce(lower(cohort_code), cast(cohort_id as {{ type_text() }})) as code_key
    from cohorts
),

ranked as (
    select
        *,
        row_number() over (partition by code_key order by created_at, cohort_id) as place
    from keyed
),

final as (
    select
        ranked.cohort_id,
        ranked.code_key,
        coalesce(speakers.cohort_code, speakers.code_key) as cohort_code,
        speakers.name,
        speakers.cohort_type,
        speakers.name_before_colon,
        ranked.cohort_type as own_cohort_type,
        ranked.created_at,
        ranked.source_deleted_at,
        ranked.place = 1 as is_speaker
    from ranked
    inner join ranked as speakers
        on ranked.code_key = speakers.code_key and speakers.place = 1
)

select * from final
