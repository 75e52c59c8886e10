-- name: marts_of_newest_extraction
-- area: quality
-- asset: marts/run_manifest
-- severity: error
-- expects: the marts were built from the newest extraction
select meta.as_of_at as extracted_at, marts.as_of_at as built_from
from (select max(as_of_at) as as_of_at from meta.run_manifest) meta
cross join (select max(as_of_at) as as_of_at from marts.run_manifest) marts
where meta.as_of_at is distinct from marts.as_of_at

-- name: snapshot_is_fresh
-- area: quality
-- asset: marts/run_manifest
-- severity: warn
-- expects: the newest snapshot is younger than the refresh interval and a half
select max(as_of_at) as as_of_at
from meta.run_manifest
having
    coalesce(max(as_of_at), timestamp '1970-01-01')
    < getvariable('checked_at') - to_hours(getvariable('fresh_hours'))

-- name: source_stalled
-- area: quality
-- asset: marts/source_volume_daily
-- severity: warn
-- expects: no table that is written on most days is silent for longer than in the 90 days before
with days as (
    select source_table, date, "rows"
    from marts.source_volume_daily
    where
        date <= (select max(date) from marts.source_volume_daily where is_complete)
        and date >= (select max(date) from marts.source_volume_daily where is_complete) - 90
),

spoken as (
    select
        source_table,
        date,
        date - lag(date) over (partition by source_table order by date) as gap_days
    from days
    where "rows" > 0
),

rhythm as (
    select
        source_table,
        count(*) as spoken_days,
        max(date) as last_date,
        max(gap_days) as longest_gap_days
    from spoken
    group by source_table
)

select source_table, last_date, (select max(date) from days) - last_date as silent_days, longest_gap_days
from rhythm
where
    spoken_days >= 45
    and (select max(date) from days) - last_date >= 3
    and (select max(date) from days) - last_date > longest_gap_days
order by all

-- name: exchange_rates_last
-- area: receipts_and_revenue
-- asset: marts/fct_receipts
-- severity: warn
-- expects: every currency of late sales has rates for some weeks to come; `hypnomart rates import`
with clock as (
    select max(as_of_at) as as_of_at from meta.run_manifest
),

currencies as (
    select upper(trim(p.currency)) as currency
    from raw.ai_credit_purchases p
    cross join clock c
    where
        p.amount_paid is not null
        and trim(p.currency) <> ''
        and upper(trim(p.currency)) <> 'USD'
        and p.created_at >= c.as_of_at - to_days(90)
    group by all
)

select c.currency, max(r.rate_date) as newest_rate, max(r.rate_date) + 31 as last_day_with_rate
from currencies c
inner join intermediate.int_fx_rates r on r.currency = c.currency
cross join clock k
group by all
having last_day_with_rate < max(k.as_of_at) + to_days(getvariable('rates_end_days'))
order by all
