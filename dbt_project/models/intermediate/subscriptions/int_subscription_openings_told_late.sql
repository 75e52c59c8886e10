-- One row per created event that was told after its period had begun, in place of as it began.
with lasting as (
    select * from {{ ref('int_subscription_openings_described') }}
),

-- Whether a created event was told after the end that it names, or, no offer's, when less of the
-- plan's length is left than a plausible period has.
candidates as (
    select
        *,
        {{ add_months('lasting.expires_at', '-lasting.term_months') }} as would_begin_at
    from lasting
    where
        lasting.event_type = 'created'
        and (
            lasting.expires_at <= lasting.created_at
            or (
                lasting.offer_id is null
                and {{ term_is_too_short('lasting', 'lasting.created_at') }}
            )
        )
),

-- Those in whose period another one lies.
crossed as (
    select distinct created.subscription_event_id
    from candidates as created
    inner join lasting as others on created.user_id = others.user_id
    where
        created.subscription_event_id <> others.subscription_event_id
        and coalesce(
            others.expires_at, {{ add_months('others.created_at', 'others.term_months') }}
        ) > created.would_begin_at + interval '3 days'
        and case
            when others.event_type = 'renewed' and others.expires_at is not null
                then {{ add_months('others.expires_at', '-others.term_months') }}
            else others.created_at
        end < created.expires_at - interval '3 days'
),

-- It is believed where a renewal of its purchase names the period that follows, no other event the
-- same end, and nothing else lies in its period.
final as (
    select created.subscription_event_id
    from candidates as created
    inner join lasting as others
        on
            created.user_id = others.user_id
            and created.store = others.store
            and created.product_key = others.product_key
    left join crossed on created.subscription_event_id = crossed.subscription_event_id
    where
        created.subscription_event_id <> others.subscription_event_id
        and coalesce(created.order_base = others.order_base, true)
        and crossed.subscription_event_id is null
    group by created.subscription_event_id
    having
        bool_or(
            others.event_type = 'renewed'
            and {{ add_months('others.expires_at', '-others.term_months') }}
            between created.expires_at - interval '3 days'
            and created.expires_at + interval '3 days'
        )
        and not bool_or(
            others.expires_at
            between created.expires_at - interval '3 days'
            and created.expires_at + interval '3 days'
        )
)

select * from final
