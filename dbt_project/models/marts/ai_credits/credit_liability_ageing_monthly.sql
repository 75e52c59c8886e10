{%- set bands = [
    (0, "0-30 d"), (31, "31-90 d"), (91, "91-180 d"), (181, "181-365 d"), (366, "over 365 d")
] -%}
with clock as (
    select * from {{ ref('int_clock') }}
),

-- The first month at whose end, at as_of in the last, a lot is old enough for a band.
lots as (
    select
        {%- for from_days, _ in bands[1:] %}
            case
                when {{ add_days('lots.available_at', from_days) }} <= clock.as_of_date
                    then {{ month_start(add_days('lots.available_at', from_days)) }}
            end as band_{{ loop.index }}_month,
        {%- endfor %}
        lots.lot_id
    from {{ ref('int_credit_lots') }} as lots
    cross join clock
),

lot_months as (
    select
        lot_id,
        movement_month,
        sum(case when movement_type = 'purchase' then credits else -credits end)
            as credits,
        sum(
            case
                when movement_type in ('purchase', 'reverse') then amount_usd
                when movement_type = 'revoke' then 0
                else -amount_usd
            end
        ) as amount_usd
    from {{ ref('int_credit_lot_movements') }}
    group by lot_id, movement_month
),

dated as (
    select
        lots.*,
        lot_months.movement_month,
        lot_months.credits,
        lot_months.amount_usd
    from lot_months
    inner join lots on lot_months.lot_id = lots.lot_id
),

-- A lot counts in the band of its age at each month's end. Its movements count in the band that it
-- has at the end of their month; as it grows older, what is left of it goes from band to band.
moved as (
    select
        movement_month as month,
        case
            {%- for from_days, name in bands[1:] | reverse %}
                when movement_month >= band_{{ bands | length - loop.index }}_month
                    then '{{ name }}'
            {%- endfor %}
            else '{{ bands[0][1] }}'
        end as age_band,
        credits,
        amount_usd
    from dated
),

aged as (
    {% for from_days, name in bands[1:] %}
        {%- set number = loop.index %}
        select
            band_{{ number }}_month as month,
            '{{ name }}' as age_band,
            credits,
            amount_usd
        from dated
        where movement_month < band_{{ number }}_month
        union all
        select
            band_{{ number }}_month as month,
            '{{ bands[number - 1][1] }}' as age_band,
            -credits as credits,
            -amount_usd as amount_usd
        from dated
        where movement_month < band_{{ number }}_month
        {{ "union all" if not loop.last }}
    {% endfor %}
),

changes as (
    select * from moved
    union all
    select * from aged
),

flows as (
    select
        month,
        age_band,
        sum(credits) as credits,
        sum(amount_usd) as amount_usd
    from changes
    group by month, age_band
),

bands as (
    {% for _, name in bands -%}
        select
            {{ loop.index0 }} as band_number,
            '{{ name }}' as age_band
        {{ "union all" if not loop.last }}
    {% endfor -%}
),

calendar as (
    select
        months.month,
        months.is_observed,
        months.is_complete,
        bands.band_number,
        bands.age_band
    from {{ ref('credit_liability_monthly') }} as months
    cross join bands
),

final as (
    select
        calendar.month,
        cast(calendar.band_number as bigint) as band_number,
        calendar.age_band,
        cast(sum(coalesce(flows.credits, 0)) over so_far as bigint) as outstanding_credits,
        cast(sum(coalesce(flows.amount_usd, 0)) over so_far as decimal(18, 4)) as liability_usd,
        calendar.is_observed,
        calendar.is_complete
    from calendar
    left join flows
        on calendar.month = flows.month and calendar.age_band = flows.age_band
    window so_far as (
        partition by calendar.age_band
        order by calendar.month
        rows between unbounded preceding and current row
    )
)

select * from final
order by month, band_number
