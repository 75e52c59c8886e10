-- One row per cohort row, with the code under which the marts show it. Codes that are equal but for
-- blanks and case are one cohort, in the spelling of its oldest row (is_canonical).
with cohorts as (
    select * from {{ ref('stg_cohorts') }}
),

{{ ranked_by_code("cohorts", "cohort_code", id="cohort_id") }},

final as (
    select
        ranked.cohort_id,
        ranked.code_key,
        coalesce(canonical.cohort_code, canonical.code_key) as cohort_code,
        canonical.name,
        canonical.cohort_type,
        canonical.name_before_colon,
        ranked.cohort_type as own_cohort_type,
        ranked.created_at,
        ranked.source_deleted_at,
        ranked.place = 1 as is_canonical
    from ranked
    inner join ranked as canonical
        on ranked.code_key = canonical.code_key and canonical.place = 1
)

select * from final
