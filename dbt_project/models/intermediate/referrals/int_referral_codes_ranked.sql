-- One row per code that somebody may have signed up with, as codes are compared. Looked up in this
-- order: discount codes, users' own codes, partners' cohorts. Of equal codes in one place the
-- oldest wins, then the lowest id.
with discount_codes as (
    select * from {{ ref('stg_discount_codes') }}
),

users as (
    select * from {{ ref('stg_user_profile') }}
),

cohorts as (
    select * from {{ ref('stg_cohorts') }}
),

codes as (
    select
        {{ normalised_code('discount_code') }} as code_key,
        1 as lookup_order,
        'discount_code' as referrer_kind,
        referrer_user_id,
        cast(null as varchar) as partner_code,
        created_at,
        cast(discount_code_id as varchar) as source_id
    from discount_codes
    union all
    select
        {{ normalised_code('referral_code') }} as code_key,
        2 as lookup_order,
        'user' as referrer_kind,
        user_id as referrer_user_id,
        cast(null as varchar) as partner_code,
        signed_up_at as created_at,
        cast(user_id as varchar) as source_id
    from users
    union all
    select
        {{ normalised_code('cohort_code') }} as code_key,
        3 as lookup_order,
        'partner' as referrer_kind,
        null as referrer_user_id,
        cohort_code as partner_code,
        created_at,
        cast(cohort_id as varchar) as source_id
    from cohorts
    where cohort_type = 'partner'
),

ranked as (
    select
        *,
        row_number() over (
            partition by code_key order by lookup_order, created_at, source_id
        ) as place
    from codes
    where code_key is not null
),

final as (
    select
        code_key,
        referrer_kind,
        referrer_user_id,
        partner_code
    from ranked
    where place = 1
)

select * from final
