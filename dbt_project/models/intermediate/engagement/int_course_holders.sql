-- Who holds which catalogue course, however it came to him: bought or restored in a store, taken
-- into a premium slot, given by an admin. Pending and refunded purchases hold nothing.
with purchases as (
    select * from {{ ref('stg_course_purchases') }}
    where source_deleted_at is null
),

profiles as (
    select * from {{ ref('stg_user_profile') }}
),

final as (
    select distinct
        purchases.course_code,
        purchases.user_id
    from purchases
    left join profiles on purchases.user_id = profiles.user_id
    where
        purchases.status in ('purchased', 'restored')
        and purchases.course_code is not null
        and not coalesce(profiles.is_test, false)
)

select * from final
