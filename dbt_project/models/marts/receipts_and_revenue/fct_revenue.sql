with entries as (
    select * from {{ ref('int_revenue_entries') }}
),

users as (
    select * from {{ ref('int_user_attributes') }}
),

final as (
    select
        entries.*,
        {{ user_dimensions('users', 'entries.booked_at') }},
        {{ user_cohorts('users', 'entries.booked_at') }}
    from entries
    left join users on {{ holds_at('users', 'entries.user_id', 'entries.booked_at') }}
)

select * from final
