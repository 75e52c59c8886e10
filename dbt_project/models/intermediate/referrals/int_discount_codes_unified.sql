-- One row per discount code row, with the code under which the marts show it. Codes that are equal
-- but for blanks and case are one code, in the spelling and with the terms of its oldest row
-- (is_speaker).
with discount_codes as (
    select * from {{ ref('stg_discount_codes') }}
),

keyed as (
    select
        *,
        coalesce(lower(discount_code), cast(discount_code_id as {{ type_text() }})) as code_key
    from discount_codes
),

ranked as (
    select
        *,
        row_number() over (partition by code_key order by created_at, discount_code_id) as place
    from keyed
),

final as (
    select
        ranked.discount_code_id,
        ranked.code_key,
        coalesce(speakers.discount_code, speakers.code_key) as discount_code,
        speakers.product_type,
        speakers.cohort_id,
        speakers.lifespan_days,
        speakers.expires_at,
        lower(speakers.parent_code) as parent_key,
        speakers.parent_code,
        speakers.referrer_user_id,
        ranked.place = 1 as is_speaker
    from ranked
    inner join ranked as speakers
        on ranked.code_key = speakers.code_key and speakers.place = 1
)

select * from final
