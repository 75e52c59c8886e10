with codes as (
    select * from {{ ref('int_discount_codes_unified') }}
    where is_canonical
),

traced as (
    select * from {{ ref('int_discount_codes_traced') }}
),

cohorts as (
    select * from {{ ref('int_cohorts_unified') }}
),

final as (
    select
        codes.discount_code,
        codes.product_type,
        cohorts.cohort_code,
        codes.cohort_id is null as is_universal,
        codes.lifespan_days,
        codes.expires_at,
        coalesce(parents.discount_code, codes.parent_code) as parent_code,
        traced.chain_depth,
        codes.referrer_user_id
    from codes
    left join traced on codes.code_key = traced.code_key
    left join codes as parents on codes.parent_key = parents.code_key
    left join cohorts on codes.cohort_id = cohorts.cohort_id
)

select * from final
order by discount_code
