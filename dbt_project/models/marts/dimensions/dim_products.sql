with book as (
    select
        product_key,
        max(billing_months) as billing_months,
        max(credits_amount) as credits_amount
    from {{ ref('int_price_book') }}
    group by product_key
),

sold as (
    select
        product_key,
        min(product_kind) as product_kind,
        max(billing_months) as billing_months
    from {{ ref('int_receipts_judged') }}
    group by product_key
),

catalogue as (
    select
        lower(course_code) as product_key,
        min(course_code) as course_code
    from {{ ref('stg_courses') }}
    where course_code is not null
    group by lower(course_code)
),

keys as (
    select product_key from book
    union
    select product_key from sold
    union
    select product_key from catalogue
),

-- A form that no known product has keeps the kind that its receipts or its price book row tell.
joined as (
    select
        keys.product_key,
        coalesce(
            {{ product_kind_of('keys.product_key') }},
            sold.product_kind,
            case
                when book.billing_months is not null then 'subscription'
                when book.credits_amount is not null then 'ai_credits'
                else 'course'
            end
        ) as product_kind,
        nullif(split_part(keys.product_key, '/', 2), '') as base_plan_id,
        coalesce(book.billing_months, sold.billing_months) as billing_months,
        coalesce(
            book.credits_amount,
            cast(
                nullif(
                    {{ matched_group('keys.product_key', "'^ai_credits_([0-9]{1,9})$'", 1) }}, ''
                ) as bigint
            )
        ) as credits_amount,
        coalesce(catalogue.course_code, upper(keys.product_key)) as course_code
    from keys
    left join book on keys.product_key = book.product_key
    left join sold on keys.product_key = sold.product_key
    left join catalogue on keys.product_key = catalogue.product_key
),

final as (
    select
        product_key,
        product_kind,
        base_plan_id,
        case
            when product_kind = 'subscription'
                then cast(coalesce(billing_months, {{ plan_months_of('base_plan_id') }}) as bigint)
        end as billing_months,
        case when product_kind = 'ai_credits' then credits_amount end as credits_amount,
        case
            when product_kind in ('course', 'custom_audio') and product_key not like 'unknown%'
                then course_code
        end as course_code
    from joined
)

select * from final
