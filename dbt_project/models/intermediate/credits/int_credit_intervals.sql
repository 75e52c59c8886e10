-- What a user consumed between one version of ai_usage and the one before it.
with versions as (
    select * from {{ ref('int_credit_usage_versions') }}
),

profiles as (
    select * from {{ ref('stg_user_profile') }}
),

accesses as (
    select * from {{ ref('int_access_versions') }}
),

paired as (
    select
        *,
        lag(observed_at) over (partition by user_id order by version_number) as observed_from_at,
        lag(weekly_limit_credits) over (partition by user_id order by version_number)
            as old_limit_credits,
        lag(weekly_used_credits) over (partition by user_id order by version_number)
            as old_used_credits,
        lag(weekly_reset_at) over (partition by user_id order by version_number) as old_reset_at,
        lag(bank_used_credits) over (partition by user_id order by version_number)
            as old_bank_used_credits
    from versions
),

moved as (
    select
        *,
        {{ whole_weeks('old_reset_at', 'weekly_reset_at') }} as weeks_moved
    from paired
),

counted as (
    select
        *,
        version_number = 1 as is_first_version,
        greatest(0, old_limit_credits - old_used_credits) as unseen_tail_credits,
        greatest(0, coalesce(weekly_limit_credits - old_limit_credits, 0)) as raised_credits,
        case
            when weekly_reset_at > old_reset_at then greatest(1, weeks_moved)
            when weekly_used_credits < old_used_credits then 1
            else 0
        end as resets_between
    from moved
),

measured as (
    select
        *,
        case
            when resets_between > 0 or is_first_version then greatest(0, weekly_used_credits)
            else weekly_used_credits - old_used_credits
        end as weekly_consumed_credits,
        greatest(0, bank_used_credits - coalesce(old_bank_used_credits, 0))
            as bank_consumed_credits,
        coalesce(bank_used_credits < old_bank_used_credits, false) as is_bank_counter_fall,
        case
            when is_first_version then null
            when resets_between > 0
                then unseen_tail_credits + (resets_between - 1) * weekly_limit_credits
            else 0
        end as max_unobserved_credits
    from counted
),

final as (
    select
        measured.user_id,
        coalesce(profiles.is_test, false) as is_test,
        coalesce(accesses.access, 'free') as access,
        measured.is_first_version,
        measured.observed_from_at,
        measured.observed_at as observed_to_at,
        cast(
            case
                when measured.resets_between > 0
                    then measured.resets_between * measured.weekly_limit_credits
                else measured.raised_credits
            end as bigint
        ) as weekly_granted_credits,
        cast(measured.weekly_consumed_credits as bigint) as weekly_consumed_credits,
        cast(measured.bank_consumed_credits as bigint) as bank_consumed_credits,
        cast(measured.resets_between as bigint) as resets_between,
        coalesce(measured.max_unobserved_credits > 0, true) as is_lower_bound,
        cast(measured.max_unobserved_credits as bigint) as max_unobserved_credits,
        measured.is_bank_counter_fall,
        cast(
            least(
                measured.bank_consumed_credits,
                greatest(0, measured.bank_used_credits - measured.bank_limit_credits)
            ) as bigint
        ) as bank_overdrawn_credits,
        measured.weekly_limit_credits > 0
        and measured.weekly_used_credits >= measured.weekly_limit_credits as is_exhausted
    from measured
    left join profiles on measured.user_id = profiles.user_id
    left join accesses
        on
            measured.user_id = accesses.user_id
            and measured.seen_at >= accesses.seen_from_at
            and measured.seen_at < accesses.seen_until_at
)

select * from final
