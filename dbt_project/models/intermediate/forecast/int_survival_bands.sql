{%- set rays = 72 %}
{%- set sections = 24 %}
{%- set passes = 4 %}
{%- set reach = 24 %}
with counts as (
    select * from {{ ref('int_survival_counts') }}
    where is_current
),

fits as (
    select * from {{ ref('int_survival_fits') }}
    where is_current and is_identified
),

-- The expected curvature scales the rays, so that the region is about a circle of radius 2.
curves as (
    select
        fits.billing_months,
        fits.log_ratio,
        fits.log_spread,
        fits.log_likelihood,
        {{ ordered_sum(
            "counts.at_risk * " ~ sbg_weight('fits', 'counts.renewal_number')
            ~ " * exp(2 * fits.log_ratio)", ['counts.renewal_number']
        ) }} as ratio_curve,
        {{ ordered_sum(
            "counts.at_risk * " ~ sbg_weight('fits', 'counts.renewal_number')
            ~ " * exp(fits.log_ratio + fits.log_spread) * (counts.renewal_number - 1)",
            ['counts.renewal_number']
        ) }} as cross_curve,
        {{ ordered_sum(
            "counts.at_risk * " ~ sbg_weight('fits', 'counts.renewal_number')
            ~ " * exp(2 * fits.log_spread) * power(counts.renewal_number - 1, 2)",
            ['counts.renewal_number']
        ) }} as spread_curve
    from fits
    inner join counts on fits.billing_months = counts.billing_months
    group by
        fits.billing_months,
        fits.log_ratio,
        fits.log_spread,
        fits.log_likelihood
),

-- Along a ray of angle a the parameters move by the inverse root of the curvature times (cos a, sin
-- a).
scales as (
    select
        *,
        1
        / sqrt(
            greatest(ratio_curve - cross_curve * cross_curve / greatest(spread_curve, 1e-9), 1e-9)
        ) as ratio_scale,
        1 / sqrt(greatest(spread_curve, 1e-9)) as spread_scale,
        -cross_curve / greatest(spread_curve, 1e-9) as slant
    from curves
),

angles as (
    select {{ numbers_through(1, rays) }} as ray
),

sections as (
    select {{ numbers_through(0, sections) }} as section
),

rays as (
    select
        scales.*,
        angles.ray,
        scales.ratio_scale * cos(angles.ray * 2 * pi() / {{ rays }}) as ratio_step,
        scales.ratio_scale * scales.slant * cos(angles.ray * 2 * pi() / {{ rays }})
        + scales.spread_scale * sin(angles.ray * 2 * pi() / {{ rays }}) as spread_step
    from scales
    cross join angles
),

edge_0 as (
    select
        billing_months,
        ray,
        cast(0 as {{ type_double() }}) as near_radius
    from rays
),

{% for pass in range(1, passes + 1) -%}
    radii_{{ pass }} as (
        select
            edges.billing_months,
            edges.ray,
            edges.near_radius
            + sections.section * cast({{ reach }} as {{ type_double() }})
            / power({{ sections }}, {{ pass }}) as radius
        from edge_{{ pass - 1 }} as edges
        cross join sections
    ),

    points_{{ pass }} as {{ computed_once() }} (
        select
            rays.billing_months,
            rays.ray,
            rays.log_likelihood as best_log_likelihood,
            radii.radius,
            {{ sbg_along('rays', 'radii.radius') }}
        from radii_{{ pass }} as radii
        inner join rays on radii.billing_months = rays.billing_months and radii.ray = rays.ray
    ),

    scores_{{ pass }} as (
        select
            points.billing_months,
            points.ray,
            points.radius,
            points.best_log_likelihood - {{ sbg_log_likelihood('counts', 'points') }} as loss
        from points_{{ pass }} as points
        inner join counts on points.billing_months = counts.billing_months
        group by points.billing_months, points.ray, points.radius, points.best_log_likelihood
    ),

    -- The last point before the first beyond the edge.
    edge_{{ pass }} as {{ computed_once() }} (
        select
            billing_months,
            ray,
            max(case when radius < coalesce(first_beyond, 1e9) then radius end) as near_radius
        from (
            select
                *,
                min(case when loss > 1.9207 then radius end)
                    over (partition by billing_months, ray)
                    as first_beyond
            from scores_{{ pass }}
        ) as scored
        group by billing_months, ray
    ),

{% endfor -%}
edges as (
    select
        rays.billing_months,
        rays.ray,
        {{ sbg_along('rays', 'edges.near_radius') }}
    from edge_{{ passes }} as edges
    inner join rays on edges.billing_months = rays.billing_months and edges.ray = rays.ray

    union all

    select
        billing_months,
        0 as ray,
        log_ratio,
        log_spread
    from fits
),

-- Far enough for every plan's own horizon, whether or not anybody faced the renewals that have
-- been settled by the calendar, and for three years of renewals beyond the last one charged.
settled as (
    select coalesce(max(settled_renewals), 0) as renewals
    from {{ ref('int_survival_choices') }}
    where is_current
),

charged as (
    select coalesce(max(renewal_number), 0) as renewals
    from {{ ref('int_subscription_periods') }}
    where not is_test
),

longest as (
    select greatest(settled.renewals, charged.renewals) + 36 as renewals
    from settled
    cross join charged
),

horizons as (
    select
        fits.billing_months,
        {{ numbers_through(1, "longest.renewals") }} as renewal_number
    from fits
    cross join longest
),

survivals as (
    select
        edges.billing_months,
        edges.ray,
        horizons.renewal_number as period_number,
        {{ sbg_survival(
            'edges', 'horizons.renewal_number', group=['edges.billing_months', 'edges.ray']
        ) }} as survival
    from edges
    inner join horizons on edges.billing_months = horizons.billing_months

    union all

    select
        billing_months,
        ray,
        0 as period_number,
        1 as survival
    from edges
),

final as (
    select
        billing_months,
        period_number,
        {{ rounded("max(case when ray = 0 then survival end)", 6) }} as survival,
        {{ rounded("min(survival)", 6) }} as survival_low,
        {{ rounded("max(survival)", 6) }} as survival_high
    from survivals
    group by billing_months, period_number
)

select * from final
