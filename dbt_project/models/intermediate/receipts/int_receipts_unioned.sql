-- One row per receipt row of the source, in one shape; product_key, user_id and times never null.
with packs as (
    select
        'ai_credit_purchases' as source_table,
        ai_credit_purchase_id as source_id,
        user_id,
        store,
        {{ product_id_of('product_id') }} as normal_id,
        'ai_credits' as table_kind,
        cast(null as {{ type_text() }}) as event_offer_id,
        cast(null as {{ type_uuid() }}) as subscription_id,
        cast(null as timestamp) as names_expires_at,
        purchase_id,
        purchase_token_hash,
        status,
        credits,
        amount_paid,
        currency,
        _unreadable,
        transaction_date,
        created_at,
        updated_at,
        source_deleted_at
    from {{ ref('stg_ai_credit_purchases') }}
),

courses as (
    select
        'course_purchases' as source_table,
        course_purchase_id as source_id,
        user_id,
        store,
        coalesce({{ product_id_of('product_id') }}, lower(course_code)) as normal_id,
        'course' as table_kind,
        cast(null as {{ type_text() }}) as event_offer_id,
        cast(null as {{ type_uuid() }}) as subscription_id,
        cast(null as timestamp) as names_expires_at,
        purchase_id,
        purchase_token_hash,
        status,
        cast(null as bigint) as credits,
        cast(null as decimal(38, 9)) as amount_paid,
        cast(null as {{ type_text() }}) as currency,
        _unreadable,
        transaction_date,
        created_at,
        updated_at,
        source_deleted_at
    from {{ ref('stg_course_purchases') }}
),

-- Neither buyer nor product stand in the row: the buyer is the custom course's owner, the product
-- is the only one there is. The row's own times may be absent: the sale is then no later than its
-- last change, nor than the making of the course.
custom_audio as (
    select
        'custom_course_purchases' as source_table,
        purchases.custom_course_purchase_id as source_id,
        custom_courses.user_id,
        purchases.store,
        'x99enb' as normal_id,
        'custom_audio' as table_kind,
        cast(null as {{ type_text() }}) as event_offer_id,
        cast(null as {{ type_uuid() }}) as subscription_id,
        cast(null as timestamp) as names_expires_at,
        purchases.purchase_id,
        purchases.purchase_token_hash,
        purchases.status,
        cast(null as bigint) as credits,
        cast(null as decimal(38, 9)) as amount_paid,
        cast(null as {{ type_text() }}) as currency,
        purchases._unreadable,
        cast(null as {{ type_text() }}) as transaction_date,
        purchases.created_at,
        least(purchases.updated_at, custom_courses.created_at) as updated_at,
        purchases.source_deleted_at
    from {{ ref('stg_custom_course_purchases') }} as purchases
    left join {{ ref('stg_custom_courses') }} as custom_courses
        on purchases.custom_course_id = custom_courses.custom_course_id
),

-- One subscription per user: an event that does not name it is still its user's.
subscriptions as (
    select * from {{ ref('int_user_subscriptions') }}
),

subscription_events as (
    select
        'subscription_events' as source_table,
        events.subscription_event_id as source_id,
        events.user_id,
        events.store,
        {{ subscription_key_of('events.product_id', 'events.base_plan_id') }} as normal_id,
        'subscription' as table_kind,
        lower(events.offer_id) as event_offer_id,
        coalesce(
            events.subscription_id, subscriptions.subscription_id, events.user_id
        ) as subscription_id,
        events.expires_at as names_expires_at,
        events.purchase_id,
        cast(null as {{ type_text() }}) as purchase_token_hash,
        events.event_type as status,
        cast(null as bigint) as credits,
        cast(null as decimal(38, 9)) as amount_paid,
        cast(null as {{ type_text() }}) as currency,
        events._unreadable,
        cast(null as {{ type_text() }}) as transaction_date,
        events.created_at,
        cast(null as timestamp) as updated_at,
        events.source_deleted_at
    from {{ ref('stg_subscription_events') }} as events
    left join subscriptions on events.user_id = subscriptions.user_id
    where {{ opens_a_period('events.event_type') }}
),

unioned as (
    select * from packs
    union all
    select * from courses
    union all
    select * from custom_audio
    union all
    select * from subscription_events
),

timed as (
    select
        unioned.*,
        {{ epoch_ms_at('unioned.transaction_date') }} as stated_at,
        coalesce(unioned.created_at, unioned.updated_at, clock.as_of_at) as recorded_at,
        case
            when unioned.table_kind = 'subscription' then unioned.normal_id
            else {{ product_key_of('unioned.normal_id') }}
        end as product_key,
        clock.as_of_at
    from unioned
    cross join {{ ref('int_clock') }} as clock
),

-- Nothing was sold before there were app stores, nor after the snapshot was taken.
faulted as (
    select
        *,
        case
            when table_kind in ('custom_audio', 'subscription')
                then case when created_at is null then 'absent' end
            when transaction_date is null then 'absent'
            when stated_at is null then 'unreadable'
            when stated_at < timestamp '2010-01-01' or stated_at > as_of_at then 'implausible'
        end as time_fault
    from timed
),

final as (
    select
        faulted.source_table || ':' || cast(faulted.source_id as {{ type_text() }}) as receipt_id,
        faulted.source_table,
        faulted.source_id,
        coalesce(faulted.user_id, cast('{{ unknown_user_id() }}' as {{ type_uuid() }})) as user_id,
        coalesce(profiles.is_test, false) as is_test,
        faulted.store,
        stores.store is not null as is_store,
        coalesce(faulted.product_key, 'unknown_' || faulted.table_kind) as product_key,
        case
            when
                faulted.table_kind = 'course'
                and {{ product_kind_of('faulted.product_key') }} = 'custom_audio'
                then 'custom_audio'
            else faulted.table_kind
        end as product_kind,
        case
            when faulted.table_kind = 'subscription' then faulted.event_offer_id
            else {{ product_offer_of('faulted.normal_id') }}
        end as offer_id,
        faulted.purchase_id as order_id,
        nullif(faulted.purchase_token_hash, '') as token_hash,
        faulted.subscription_id,
        faulted.names_expires_at,
        faulted.status,
        faulted.credits,
        faulted.amount_paid,
        upper(faulted.currency) as currency,
        coalesce(faulted._unreadable like '%amount_paid=%', false) as is_amount_unreadable,
        case
            when faulted.time_fault is null then coalesce(faulted.stated_at, faulted.recorded_at)
            else faulted.recorded_at
        end as transacted_at,
        faulted.recorded_at as created_at,
        faulted.time_fault,
        faulted.source_deleted_at
    from faulted
    left join {{ ref('stg_user_profile') }} as profiles on faulted.user_id = profiles.user_id
    left join {{ ref('int_stores') }} as stores on faulted.store = stores.store
)

select * from final
