-- One row per user and discount code as the marts show it, whether it was used, and until when it
-- could be. Where two rows of the source are one code in two spellings, the used one speaks, then
-- the older.
with clock as (
    select * from {{ ref('int_clock') }}
),

user_discounts as (
    select * from {{ ref('stg_user_discounts') }}
),

codes as (
    select * from {{ ref('int_discount_codes_unified') }}
),

users as (
    select * from {{ ref('stg_user_profile') }}
),

named as (
    select
        user_discounts.user_discount_id,
        user_discounts.user_id,
        coalesce(users.is_test, false) as is_test,
        coalesce(codes.code_key, cast(user_discounts.discount_code_id as {{ type_text() }}))
            as code_key,
        coalesce(
            codes.discount_code, cast(user_discounts.discount_code_id as {{ type_text() }})
        ) as discount_code,
        codes.product_type,
        user_discounts.assigned_at,
        least(user_discounts.expires_at, codes.expires_at) as expires_at,
        case when user_discounts.used_at <= clock.as_of_at then user_discounts.used_at end
            as used_at,
        lower(user_discounts.purchase_id) as order_key,
        clock.as_of_at
    from user_discounts
    cross join clock
    left join codes on user_discounts.discount_code_id = codes.discount_code_id
    left join users on user_discounts.user_id = users.user_id
),

judged as (
    select
        *,
        used_at is not null or order_key is not null as is_used
    from named
),

ranked as (
    select
        *,
        row_number() over (
            partition by user_id, code_key
            order by is_used desc nulls last, assigned_at asc, user_discount_id asc
        ) as place
    from judged
),

final as (
    select
        user_discount_id,
        user_id,
        is_test,
        code_key,
        discount_code,
        product_type,
        assigned_at,
        expires_at,
        used_at,
        order_key,
        is_used,
        case
            when is_used then 'used'
            when expires_at <= as_of_at then 'lapsed'
            else 'open'
        end as outcome
    from ranked
    where place = 1
)

select * from final
