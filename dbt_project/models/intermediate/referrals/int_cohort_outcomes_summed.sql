-- One row per cohort: its members by first assignment, without test users, and what became of them.
-- Arms of one experiment share what stands before the first colon of their names.
with cohorts as (
    select * from {{ ref('int_cohorts_unified') }}
),

members as (
    select * from {{ ref('int_cohort_members_assigned') }}
),

users as (
    select * from {{ ref('stg_user_profile') }}
),

payments as (
    select * from {{ ref('int_user_payments_summed') }}
),

outcomes as (
    select
        cohorts.code_key,
        count(*) as members,
        min(members.first_assigned_at) as first_assigned_at,
        count(payments.first_premium_at) as premium_members,
        sum(
            case when members.present_cohort_id <> members.first_cohort_id then 1 else 0 end
        ) as reassigned_members,
        sum(coalesce(payments.proceeds_to_date_usd, 0)) as proceeds_usd
    from members
    inner join cohorts on members.first_cohort_id = cohorts.cohort_id
    left join users on members.user_id = users.user_id
    left join payments on members.user_id = payments.user_id
    where not coalesce(users.is_test, false)
    group by cohorts.code_key
),

final as (
    select
        cohorts.cohort_code,
        case when cohorts.cohort_type = 'ab_test' then cohorts.name_before_colon end
            as experiment,
        outcomes.first_assigned_at,
        coalesce(outcomes.members, 0) as members,
        coalesce(outcomes.premium_members, 0) as premium_members,
        cast(coalesce(outcomes.reassigned_members, 0) as bigint) as reassigned_members,
        cast(coalesce(outcomes.proceeds_usd, 0) as decimal(18, 4)) as proceeds_usd
    from cohorts
    left join outcomes on cohorts.code_key = outcomes.code_key
    where cohorts.is_canonical
)

select * from final
