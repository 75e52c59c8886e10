-- One row per experiment of two arms or more: chi-square of its arms' members against equal shares,
-- and the probability of a split at least as uneven if chance alone made it.
--
-- The upper tail of chi-square with k degrees of freedom, x = chi-square / 2, is a finite sum:
--     even k: sum over i = 0, 1, .. k/2 - 1 of       exp(-x) * x^i / gamma(i + 1)
--     odd k:  erfc(sqrt(x)) + the same sum over i = 1/2, 3/2, .. k/2 - 1
-- where erfc(sqrt(x)) is the mean of exp(-x / sin(t)^2) over t in (0, pi/2) (Craig 1991), here at
-- the midpoints of 4096 steps: relative error below 1e-13 for x above 1e-4, where its series
-- takes over. All terms are positive, so small probabilities keep their digits. In SQL for the
-- reasons of ../forecast/README.md; a test holds it against scipy.
with arms as (
    select * from {{ ref('int_cohort_outcomes_summed') }}
    where experiment is not null
),

experiments as (
    select
        experiment,
        min(cohort_code) as control_code,
        count(*) as arms,
        sum(members) as members,
        cast(sum(members * members) as {{ type_double() }}) * count(*) / nullif(sum(members), 0)
        - sum(members) as chi_square
    from arms
    group by experiment
    having count(*) > 1
),

halved as (
    select
        *,
        case when chi_square < 0 then 0 else chi_square end / 2.0 as x,
        case when (arms - 1) % 2 = 1 then 0.5 else 0.0 end as half
    from experiments
),

steps as (
    select {{ numbers_through(0, 4095) }} as step
),

tails as (
    select
        halved.experiment,
        {{ mean_of(
            'exp(-halved.x / power(sin((steps.step + 0.5) * pi() / 8192), 2))', ['steps.step']
        ) }} as craig
    from halved
    cross join steps
    where halved.half > 0 and halved.x > 1e-4
    group by halved.experiment
),

sums as (
    select
        halved.experiment,
        {{ ordered_sum(
            'exp((steps.step + halved.half) * ln(halved.x) - halved.x - '
            ~ ln_gamma('steps.step + halved.half + 1') ~ ')', ['steps.step']
        ) }} as terms
    from halved
    inner join steps on steps.step < floor((halved.arms - 1) / 2.0)
    where halved.x > 0
    group by halved.experiment
),

final as (
    select
        halved.experiment,
        halved.control_code,
        halved.arms,
        halved.members,
        halved.chi_square,
        case
            when halved.x is null then null
            when halved.x = 0 then 1.0
            else
                least(1.0, coalesce(sums.terms, 0) + case
                    when halved.half = 0 then 0.0
                    when halved.x > 1e-4 then tails.craig
                    else
                        1 - 2 / sqrt(pi()) * sqrt(halved.x)
                        * (1 - halved.x / 3 + power(halved.x, 2) / 10)
                end)
        end as p_value
    from halved
    left join tails on halved.experiment = tails.experiment
    left join sums on halved.experiment = sums.experiment
)

select * from final
