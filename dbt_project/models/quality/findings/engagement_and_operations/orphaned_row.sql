{%- set owned = [
    "ai_credit_purchases", "ai_usage", "analytics", "audio_usage", "cached_handshake_responses",
    "course_purchases", "custom_courses", "referral_credits", "subscription_events",
    "subscriptions", "user_cohorts", "user_discounts",
] %}
with owned as (
    {%- for table in owned %}
        select
            '{{ table }}' as source_table,
            id,
            user_id
        from {{ source('raw', table) }}
        {{ "union all" if not loop.last }}
    {%- endfor %}
)

select
    o.source_table,
    o.id as source_id,
    o.user_id,
    'The user has no profile, as after an account was given a new id: belongs to nobody known'
        as explanation,
    cast(null as decimal(18, 4)) as money_at_stake_usd
from owned as o
left join {{ source('raw', 'user_profile') }} as p on o.user_id = p.user_id
where p.user_id is null
