{%- set steps = 12 %}
{%- set bounds = sbg_bounds() %}
with counts as (
    select * from {{ ref('int_survival_counts') }}
),

dampings as (
    {% for damping in ["0", "0.1", "1", "10", "1000", "1e12"] -%}
        select cast({{ damping }} as {{ type_double() }}) as damping
        {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

evidence as (
    select
        forecast_month,
        is_current,
        billing_months,
        max(renewal_number) as faced_renewals,
        {{ ordered_sum('lost', ['renewal_number']) }} as lost,
        {{
            ordered_sum('case when renewal_number > 1 then at_risk else 0 end', ['renewal_number'])
        }} as stayed
    from counts
    group by forecast_month, is_current, billing_months
),

ratios as (
    select {{ numbers_through(0, 23) }} as step
),

spreads as (
    select {{ numbers_through(0, 16) }} as step
),

grid as (
    select
        evidence.forecast_month,
        evidence.billing_months,
        cast({{ bounds.log_ratio[0] }} + ratios.step * 0.8 as {{ type_double() }}) as log_ratio,
        cast({{ bounds.log_spread[0] }} + spreads.step * 0.86 as {{ type_double() }}) as log_spread
    from evidence
    cross join ratios
    cross join spreads
),

grid_scores as (
    select
        grid.forecast_month,
        grid.billing_months,
        grid.log_ratio,
        grid.log_spread,
        {{ sbg_log_likelihood('counts', 'grid') }} as log_likelihood
    from grid
    inner join counts
        on
            grid.forecast_month = counts.forecast_month
            and grid.billing_months = counts.billing_months
    group by grid.forecast_month, grid.billing_months, grid.log_ratio, grid.log_spread
),

step_0 as {{ computed_once() }} (
    select * from (
        select
            *,
            row_number() over (
                partition by forecast_month, billing_months
                order by log_likelihood desc nulls last, log_spread asc, log_ratio asc
            ) as choice
        from grid_scores
    ) as ranked
    where choice = 1
),

{% for step in range(1, steps + 1) -%}
-- Slope and expected curvature of the log-likelihood in both parameters.
    slopes_{{ step }} as {{ computed_once() }} (
        select
            forecast_month,
            billing_months,
            log_ratio,
            log_spread,
            {{ ordered_sum('score * ratio_part', ['renewal_number']) }} as ratio_slope,
            {{ ordered_sum('score * spread_part', ['renewal_number']) }} as spread_slope,
            {{ ordered_sum('weight * ratio_part * ratio_part', ['renewal_number']) }}
                as ratio_curve,
            {{ ordered_sum('weight * ratio_part * spread_part', ['renewal_number']) }}
                as cross_curve,
            {{ ordered_sum('weight * spread_part * spread_part', ['renewal_number']) }}
                as spread_curve
        from (
            select
                best.*,
                counts.renewal_number,
                exp(best.log_ratio) as ratio_part,
                (counts.renewal_number - 1) * exp(best.log_spread) as spread_part,
                (counts.at_risk - counts.lost) / {{ sbg_odds('best', 'counts.renewal_number') }}
                - counts.at_risk / (1 + {{ sbg_odds('best', 'counts.renewal_number') }}) as score,
                counts.at_risk / (
                    {{ sbg_odds('best', 'counts.renewal_number') }}
                    * power(1 + {{ sbg_odds('best', 'counts.renewal_number') }}, 2)
                ) as weight
            from step_{{ step - 1 }} as best
            inner join counts
                on
                    best.forecast_month = counts.forecast_month
                    and best.billing_months = counts.billing_months
        ) as parts
        group by forecast_month, billing_months, log_ratio, log_spread
    ),

    damped_{{ step }} as (
        select
            slopes.forecast_month,
            slopes.billing_months,
            slopes.log_ratio,
            slopes.log_spread,
            slopes.ratio_slope,
            slopes.spread_slope,
            slopes.cross_curve,
            dampings.damping,
            slopes.ratio_curve * (1 + dampings.damping) + 1e-9 as ratio_curve,
            slopes.spread_curve * (1 + dampings.damping) + 1e-9 as spread_curve
        from slopes_{{ step }} as slopes
        cross join dampings
    ),

    tries_{{ step }} as {{ computed_once() }} (
        select
            forecast_month,
            billing_months,
            damping,
        {{ sbg_bounded(
            'log_ratio',
            "log_ratio + (spread_curve * ratio_slope - cross_curve * spread_slope)"
            ~ " / (ratio_curve * spread_curve - cross_curve * cross_curve)"
        ) }} as log_ratio,
        {{ sbg_bounded(
            'log_spread',
            "log_spread + (ratio_curve * spread_slope - cross_curve * ratio_slope)"
            ~ " / (ratio_curve * spread_curve - cross_curve * cross_curve)"
        ) }} as log_spread
        from damped_{{ step }}
    ),

    scores_{{ step }} as (
        select
            tries.forecast_month,
            tries.billing_months,
            tries.damping,
            tries.log_ratio,
            tries.log_spread,
            {{ sbg_log_likelihood('counts', 'tries') }} as log_likelihood
        from tries_{{ step }} as tries
        inner join counts
            on
                tries.forecast_month = counts.forecast_month
                and tries.billing_months = counts.billing_months
        group by
            tries.forecast_month,
            tries.billing_months,
            tries.damping,
            tries.log_ratio,
            tries.log_spread
    ),

    step_{{ step }} as {{ computed_once() }} (
        select * from (
            select
                *,
                row_number() over (
                    partition by forecast_month, billing_months
                    order by {{ rounded("log_likelihood", 7) }} desc nulls last, damping
                ) as choice
            from scores_{{ step }}
        ) as ranked
        where choice = 1
    ),

{% endfor -%}
final as (
    select
        evidence.forecast_month,
        evidence.is_current,
        evidence.billing_months,
        evidence.faced_renewals,
        best.log_ratio,
        best.log_spread,
        best.log_likelihood,
        {{ rounded("exp(-best.log_spread)", 6) }} as alpha,
        {{ rounded("exp(best.log_ratio - best.log_spread)", 6) }} as beta,
        -- Without a loss, with nobody left for a second renewal, or with the best point on a bound
        -- that is no model of anything, the data say nothing about the renewals to come.
        evidence.lost > 0
        and evidence.stayed > 0
        and best.log_ratio > {{ bounds.log_ratio[0] }}
        and best.log_ratio < {{ bounds.log_ratio[1] }}
        and best.log_spread < {{ bounds.log_spread[1] }} as is_identified
    from evidence
    inner join step_{{ steps }} as best
        on
            evidence.forecast_month = best.forecast_month
            and evidence.billing_months = best.billing_months
)

select * from final
