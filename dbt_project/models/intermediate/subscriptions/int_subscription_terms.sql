-- One row per opening: when its period starts and ends by the events of its own purchase, a created
-- event and the renewals that belong to it. A renewal starts where its predecessor ended, so the
-- rows are found one after the other, all purchases at a time.
with recursive ranked_expiries as (
    select
        *,
        row_number() over (
            partition by opening_event_id
            order by created_at desc nulls last, subscription_event_id desc nulls last
        ) as recency
    from {{ ref('int_subscription_closings_placed') }}
    where event_type = 'expired' and opening_event_id is not null
),

-- The last expired event knows best.
openings as (
    select
        openings.*,
        ranked_expiries.subscription_event_id as expired_event_id,
        ranked_expiries.created_at as expired_at,
        ranked_expiries.expires_at as expired_expires_at
    from {{ ref('int_subscription_openings') }} as openings
    left join ranked_expiries
        on
            openings.subscription_event_id = ranked_expiries.opening_event_id
            and ranked_expiries.recency = 1
),

terms as (
    select
        opened.user_id,
        opened.purchase_number,
        opened.purchase_step,
        opened.opening_number,
        opened.base_plan_id,
        true as opens_chain,
        false as is_plan_change,
        opened.begins_at as period_start_at,
        {{ term_period_end('opened', 'opened.begins_at') }} as period_end_at,
        {{ term_end('opened', 'opened.begins_at') }} as end_at,
        {{ term_has_expired('opened', 'opened.begins_at') }} as has_expired,
        opened.expired_event_id
    from openings as opened
    where opened.purchase_step = 1

    union all

    select
        user_id,
        purchase_number,
        purchase_step,
        opening_number,
        base_plan_id,
        opens_chain,
        is_plan_change,
        period_start_at,
        {{ term_period_end('started', 'started.period_start_at') }} as period_end_at,
        {{ term_end('started', 'started.period_start_at') }} as end_at,
        {{ term_has_expired('started', 'started.period_start_at') }} as has_expired,
        expired_event_id
    from (
        select
            renewal.user_id,
            renewal.purchase_number,
            renewal.purchase_step,
            renewal.opening_number,
            renewal.base_plan_id,
            renewal.expires_at,
            renewal.is_without_time,
            renewal.term_months,
            renewal.billing_months,
            renewal.expired_event_id,
            renewal.expired_at,
            renewal.expired_expires_at,
            {{ renewal_opens_chain('renewal', 'terms.end_at') }} as opens_chain,
            {{ was_running_at('terms', 'renewal.created_at') }}
            and coalesce(renewal.base_plan_id <> terms.base_plan_id, false) as is_plan_change,
            case
                when {{ renewal_opens_chain('renewal', 'terms.end_at') }} then renewal.created_at
                when
                    {{ was_running_at('terms', 'renewal.created_at') }}
                    and coalesce(renewal.base_plan_id <> terms.base_plan_id, false)
                    then renewal.created_at
                else terms.end_at
            end as period_start_at
        from terms
        inner join openings as renewal
            on
                terms.user_id = renewal.user_id
                and terms.purchase_number = renewal.purchase_number
                and terms.purchase_step + 1 = renewal.purchase_step
    ) as started
),

final as (
    select
        user_id,
        opening_number,
        opens_chain,
        is_plan_change,
        period_start_at,
        period_end_at,
        end_at,
        has_expired,
        case when has_expired then expired_event_id end as expired_event_id
    from terms
)

select * from final
