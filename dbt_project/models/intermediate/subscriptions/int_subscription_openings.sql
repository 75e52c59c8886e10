-- One row per event that opens a period, with its step within its purchase.
with placed as (
    select * from {{ ref('int_subscription_openings_placed') }}
),

spanned as (
    select
        *,
        {{ add_months('expires_at', '-term_months') }} as names_start_at,
        min(opening_number) over (partition by user_id, purchase_number) as first_number,
        expires_at < max(expires_at) over (
            partition by user_id, purchase_number
            order by opening_number
            rows between unbounded preceding and 1 preceding
        ) as is_behind
    from placed
),

-- A renewal told after one that follows it takes its place before that one: what was told before
-- it lies, by the ends named, wholly before or wholly after its period, three days let pass.
preceding as (
    select
        late.user_id,
        late.opening_number,
        min(
            case
                when told.names_start_at >= late.expires_at - interval '3 days'
                    then told.opening_number
            end
        ) as before_number,
        bool_and(
            told.names_start_at >= late.expires_at - interval '3 days'
            or told.expires_at <= late.names_start_at + interval '3 days'
        ) as is_free
    from spanned as late
    inner join spanned as told
        on
            late.user_id = told.user_id
            and late.purchase_number = told.purchase_number
            and late.opening_number > told.opening_number
    where late.is_behind and late.event_type = 'renewed' and told.expires_at is not null
    group by late.user_id, late.opening_number
),

-- A renewal that names the end of a period told before it, well before that end: it gives no time
-- of its own. Told as that end comes, its end is merely not the new one yet.
repeated_ends as (
    select distinct
        repeats.user_id,
        repeats.opening_number
    from placed as repeats
    inner join placed as earlier
        on
            repeats.user_id = earlier.user_id
            and repeats.purchase_number = earlier.purchase_number
            and repeats.product_key = earlier.product_key
    where
        repeats.event_type = 'renewed'
        and earlier.opening_number < repeats.opening_number
        and repeats.created_at < repeats.expires_at - interval '3 days'
        and {{ is_one_end('earlier.expires_at', 'repeats.expires_at') }}
),

ordered as (
    select
        spanned.*,
        preceding.before_number,
        repeated_ends.opening_number is not null as is_repeated_end
    from spanned
    left join repeated_ends
        on
            spanned.user_id = repeated_ends.user_id
            and spanned.opening_number = repeated_ends.opening_number
    left join preceding
        on
            spanned.user_id = preceding.user_id
            and spanned.opening_number = preceding.opening_number
            and preceding.is_free
            and spanned.first_number < preceding.before_number
),

final as (
    select
        subscription_event_id,
        receipt_id,
        user_id,
        subscription_id,
        event_type,
        created_at,
        begins_at,
        expires_at,
        is_repeated_end,
        is_repeated_end or (is_told_late and begins_at = expires_at) as is_without_time,
        base_plan_id,
        store,
        grace_days,
        opening_number,
        purchase_number,
        order_base,
        is_test,
        product_key,
        billing_months,
        term_months,
        offer_id,
        row_number() over (
            partition by user_id, purchase_number
            order by
                coalesce(before_number, opening_number),
                case when before_number is null then 1 else 0 end,
                case when before_number is not null then expires_at end,
                opening_number
        ) as purchase_step
    from ordered
)

select * from final
