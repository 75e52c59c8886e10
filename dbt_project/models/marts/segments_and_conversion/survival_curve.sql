with counts as (
    select
        billing_months,
        renewal_number,
        at_risk,
        lost
    from {{ ref('int_survival_counts') }}
    where is_current and billing_months > 0
),

starts as (
    select
        billing_months,
        0 as renewal_number,
        customers as at_risk,
        0 as lost
    from {{ ref('int_survival_choices') }}
    where is_current
),

steps as (
    select * from starts
    union all
    select * from counts
),

-- Logarithms sum to the product of the shares that stayed; nothing is left of a curve once all are
-- lost.
estimated as (
    select
        *,
        max(case when lost = at_risk then 1 else 0 end) over so_far = 1 as is_over,
        sum(lost) over so_far as lost_so_far,
        sum(case when lost < at_risk then ln({{ ratio('at_risk - lost', 'at_risk') }}) else 0 end)
            over so_far as log_survival,
        sum(
            case
                when lost < at_risk then {{ ratio('lost', '(at_risk * (at_risk - lost))') }} else 0
            end
        ) over so_far as greenwood
    from steps
    window
        so_far as (
            partition by billing_months
            order by renewal_number
            rows between unbounded preceding and current row
        )
),

-- Half the width of the interval of ln(-ln(survival)).
spread as (
    select
        *,
        {{ normal_quantile_95() }} * sqrt(greenwood) / nullif(-log_survival, 0) as half_width
    from estimated
),

final as (
    select
        cast(billing_months as bigint) as billing_months,
        cast(renewal_number as bigint) as period_number,
        cast(at_risk as bigint) as at_risk,
        cast(lost as bigint) as lost,
        case when is_over then cast(0 as {{ type_double() }}) else exp(log_survival) end
            as survival_rate,
        case
            when is_over then cast(0 as {{ type_double() }})
            when lost_so_far = 0 then cast(1 as {{ type_double() }})
            else exp(log_survival * exp(half_width))
        end as survival_low,
        case
            when is_over then cast(0 as {{ type_double() }})
            when lost_so_far = 0 then cast(1 as {{ type_double() }})
            else exp(log_survival * exp(-half_width))
        end as survival_high
    from spread
    order by billing_months, period_number
)

select * from final
