with cohorts as (
    select * from {{ ref('int_cohort_outcomes_summed') }}
),

experiments as (
    select * from {{ ref('int_experiment_splits_tested') }}
),

rated as (
    select
        *,
        {{ ratio('premium_members', 'members') }} as premium_rate,
        {{ wilson_low('premium_members', 'members') }} as premium_rate_low,
        {{ wilson_high('premium_members', 'members') }} as premium_rate_high
    from cohorts
),

final as (
    select
        rated.cohort_code,
        rated.first_assigned_at,
        rated.members,
        rated.premium_members,
        rated.reassigned_members,
        rated.premium_rate,
        rated.premium_rate_low,
        rated.premium_rate_high,
        {{ usd_share('rated.proceeds_usd', '1', 'rated.members') }} as proceeds_per_member_usd,
        rated.experiment,
        experiments.p_value as sample_ratio_p_value,
        coalesce(experiments.p_value < 0.001, false) as is_split_suspicious,
        controls.cohort_code as control_cohort_code,
        rated.premium_rate - controls.premium_rate as difference_to_control,
        {{ newcombe_low('rated.premium_rate', 'controls.premium_rate') }} as difference_low,
        {{ newcombe_high('rated.premium_rate', 'controls.premium_rate') }} as difference_high
    from rated
    left join experiments on rated.experiment = experiments.experiment
    left join rated as controls
        on
            experiments.control_code = controls.cohort_code
            and rated.cohort_code <> controls.cohort_code
)

select * from final
order by cohort_code
