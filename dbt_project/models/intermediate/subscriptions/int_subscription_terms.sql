-- One row per opening: when its period starts and ends by the events of its own segment, a created
-- event and the renewals after it. A renewal starts where its predecessor ended, so the rows are
-- found one after the other, all segments at a time.
with recursive openings as (
    select * from {{ ref('int_subscription_openings') }}
),

terms as (
    select
        opened.user_id,
        opened.segment_number,
        opened.segment_step,
        opened.opening_number,
        opened.base_plan_id,
        true as opens_chain,
        false as is_plan_change,
        opened.created_at as period_start_at,
        {{ term_period_end('opened', 'opened.created_at') }} as period_end_at,
        {{ term_end(
            'opened', 'opened.created_at', term_period_end('opened', 'opened.created_at')
        ) }} as end_at
    from openings as opened
    where opened.segment_step = 1

    union all

    select
        user_id,
        segment_number,
        segment_step,
        opening_number,
        base_plan_id,
        opens_chain,
        is_plan_change,
        period_start_at,
        {{ term_period_end('started', 'started.period_start_at') }} as period_end_at,
        {{ term_end(
            'started', 'started.period_start_at', term_period_end('started', 'started.period_start_at')
        ) }} as end_at
    from (
        select
            renewal.user_id,
            renewal.segment_number,
            renewal.segment_step,
            renewal.opening_number,
            renewal.base_plan_id,
            renewal.expires_at,
            renewal.term_months,
            renewal.expired_at,
            renewal.expired_expires_at,
            renewal.created_at > {{ add_grace('terms.end_at') }} as opens_chain,
            renewal.created_at < terms.end_at
            and coalesce(renewal.base_plan_id <> terms.base_plan_id, false) as is_plan_change,
            case
                when renewal.created_at > {{ add_grace('terms.end_at') }} then renewal.created_at
                when
                    renewal.created_at < terms.end_at
                    and coalesce(renewal.base_plan_id <> terms.base_plan_id, false)
                    then renewal.created_at
                else terms.end_at
            end as period_start_at
        from terms
        inner join openings as renewal
            on
                terms.user_id = renewal.user_id
                and terms.segment_number = renewal.segment_number
                and terms.segment_step + 1 = renewal.segment_step
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
        end_at
    from terms
)

select * from final
