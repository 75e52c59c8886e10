-- One row per month, product and store: what the same foreign amounts are worth more than in the
-- month before. An amount in another currency counts at the day's rate less the rate midway between
-- the averages of both months; a currency that one month lacks has that of the other.
with states as (
    select
        month,
        plan,
        store,
        value_usd,
        currency,
        usd_per_unit
    from {{ ref('int_revenue_states') }}
    where currency is not null
),

sides as (
    select
        *,
        true as is_closing
    from states
    union all
    select
        cast({{ add_months('month', 1) }} as date) as month,
        plan,
        store,
        value_usd,
        currency,
        usd_per_unit,
        false as is_closing
    from states
),

rates as (
    select
        month,
        currency,
        {{ midway(
            "cast(" ~ mean_of("case when is_closing then usd_per_unit end")
            ~ " as " ~ type_double() ~ ")",
            "cast(" ~ mean_of("case when not is_closing then usd_per_unit end")
            ~ " as " ~ type_double() ~ ")",
            "null"
        ) }} as usd_per_unit
    from sides
    group by month, currency
),

valued as (
    select
        sides.month,
        sides.plan,
        sides.store,
        case when sides.is_closing then 1 else -1 end
        * {{ decimal_of(
            'cast(sides.value_usd as ' ~ type_double() ~ ')'
            ' * (1 - rates.usd_per_unit / cast(sides.usd_per_unit as ' ~ type_double() ~ '))', 18, 8
        ) }} as exchange_rate_usd
    from sides
    inner join rates on sides.month = rates.month and sides.currency = rates.currency
),

final as (
    select
        month,
        plan,
        store,
        sum(exchange_rate_usd) as exchange_rate_usd
    from valued
    group by month, plan, store
)

select * from final
