-- One row per discount code row, with the code under which the marts show it. Codes that are equal
-- but for blanks and case are one code, in the spelling and with the terms of its oldest row
-- (is_canonical).
with discount_codes as (
    select * from {{ ref('stg_discount_codes') }}
),

{{ ranked_by_code("discount_codes", "discount_code", id="discount_code_id") }},

final as (
    select
        ranked.discount_code_id,
        ranked.code_key,
        coalesce(canonical.discount_code, canonical.code_key) as discount_code,
        canonical.product_type,
        canonical.cohort_id,
        canonical.lifespan_days,
        canonical.expires_at,
        lower(canonical.parent_code) as parent_key,
        canonical.parent_code,
        canonical.referrer_user_id,
        ranked.place = 1 as is_canonical
    from ranked
    inner join ranked as canonical
        on ranked.code_key = canonical.code_key and canonical.place = 1
)

select * from final
