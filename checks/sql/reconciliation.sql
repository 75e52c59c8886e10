-- name: receipts_conserved
-- area: receipts_and_revenue
-- asset: marts/fct_receipts
-- severity: error
-- expects: every receipt that the source ever had is one row of fct_receipts, and no other row is there
with source as (
    select 'ai_credit_purchases' as source_table, id as source_id from raw.ai_credit_purchases
    union
    select 'ai_credit_purchases', id from past.ai_credit_purchases where _op = 'delete'
    union
    select 'course_purchases', id from raw.course_purchases
    union
    select 'course_purchases', id from past.course_purchases where _op = 'delete'
    union
    select 'custom_course_purchases', id from raw.custom_course_purchases
    union
    select 'custom_course_purchases', id from past.custom_course_purchases where _op = 'delete'
    union
    select 'subscription_events', id
    from raw.subscription_events
    where lower(trim(event_type)) in ('created', 'renewed')
    union
    select 'subscription_events', gone.id
    from past.subscription_events gone
    anti join raw.subscription_events e on e.id = gone.id
    where gone._op = 'delete'
    group by gone.id
    having max_by(lower(trim(gone.event_type)), gone._seen_at) in ('created', 'renewed')
),

mart as (
    select source_table, source_id, count(*) as mart_rows
    from marts.fct_receipts
    group by all
)

select source_table, source_id, coalesce(mart_rows, 0) as mart_rows
from source
full join mart using (source_table, source_id)
where mart_rows is distinct from 1 or source.source_id is null
order by all

-- name: money_of_receipts
-- area: receipts_and_revenue
-- asset: marts/fct_receipts
-- severity: error
-- expects: where the source recorded dollars, the receipt was paid exactly these
select r.receipt_id, p.amount_paid as source_usd, r.paid_usd
from marts.fct_receipts r
inner join raw.ai_credit_purchases p on p.id = r.source_id
where
    r.source_table = 'ai_credit_purchases'
    and r.price_basis = 'recorded'
    and upper(trim(p.currency)) = 'USD'
    and cast(p.amount_paid as decimal(18, 4)) is distinct from r.paid_usd
order by all

-- name: lots_of_packs
-- area: ai_credits
-- asset: marts/fct_credit_lots
-- severity: error
-- expects: every counted pack is one lot of as many credits as the source granted, where its word holds
with recorded as (
    select id, credits_amount from raw.ai_credit_purchases
    union all
    select gone.id, max_by(gone.credits_amount, gone._seen_at)
    from past.ai_credit_purchases gone
    anti join raw.ai_credit_purchases p on p.id = gone.id
    where gone._op = 'delete'
    group by gone.id
),

packs as (
    select
        r.receipt_id,
        case when r.credits_fault = 'credits_absurd' then null else p.credits_amount end
            as source_credits
    from intermediate.int_receipts_judged r
    inner join recorded p on p.id = r.source_id
    where r.verdict = 'counted' and r.source_table = 'ai_credit_purchases'
),

lots as (
    select receipt_id, sum(credits) as lot_credits from marts.fct_credit_lots group by receipt_id
)

select receipt_id, source_credits, lot_credits
from packs
full join lots using (receipt_id)
where
    (packs.receipt_id is null) <> (lots.receipt_id is null)
    or (source_credits > 0 and source_credits <> lot_credits)
order by all

-- name: users_conserved
-- area: dimensions
-- asset: marts/dim_users
-- severity: error
-- expects: every profile that the source ever had is one row of dim_users, and no other row is there
-- An id that a profile left for another is the same person.
with mart as (
    select user_id, count(*) as mart_rows from marts.dim_users group by user_id
),

source as (
    select user_id from raw.user_profile
    union
    select gone.user_id
    from past.user_profile gone
    anti join staging.stg_rekeyed_users moved on moved.old_user_id = gone.user_id
    where gone._op = 'delete'
)

select coalesce(p.user_id, m.user_id) as user_id, coalesce(m.mart_rows, 0) as mart_rows
from source p
full join mart m on m.user_id = p.user_id
where m.mart_rows is distinct from 1 or p.user_id is null
order by all

-- name: referrals_conserved
-- area: referrals_and_discounts
-- asset: marts/fct_referrals
-- severity: error
-- expects: every profile with a code used at sign-up is one row of fct_referrals
with source as (
    select user_id as referred_user_id
    from raw.user_profile
    where nullif(trim(referred_by_code), '') is not null
    union
    select gone.user_id
    from past.user_profile gone
    anti join raw.user_profile p on p.user_id = gone.user_id
    anti join staging.stg_rekeyed_users moved on moved.old_user_id = gone.user_id
    where gone._op = 'delete'
    group by gone.user_id
    having nullif(max_by(trim(gone.referred_by_code), gone._seen_at), '') is not null
),

mart as (
    select referred_user_id, count(*) as mart_rows from marts.fct_referrals group by all
)

select referred_user_id, coalesce(mart_rows, 0) as mart_rows
from source
full join mart using (referred_user_id)
where mart_rows is distinct from 1 or source.referred_user_id is null
order by all

-- name: mrr_by_two_ways
-- area: subscriptions_and_retention
-- asset: marts/mrr_bridge_daily
-- severity: error
-- expects: what the movements add up to is what the subscriptions of the last day pay
with bridge as (
    select closing_mrr_usd from marts.mrr_bridge_daily order by movement_date desc limit 1
),

states as (
    select sum(mrr_usd) as mrr_usd
    from marts.subscription_states_daily
    where date = (select max(date) from marts.subscription_states_daily)
)

select closing_mrr_usd as by_movements_usd, mrr_usd as by_states_usd
from (select (select closing_mrr_usd from bridge) as closing_mrr_usd, (select mrr_usd from states) as mrr_usd)
where coalesce(closing_mrr_usd, 0) <> coalesce(mrr_usd, 0)

-- name: billed_is_revenue
-- area: receipts_and_revenue
-- asset: marts/revenue_recognition_monthly
-- severity: error
-- expects: what was billed is what fct_revenue charged and refunded
with billed as (
    select product_kind, sum(billed_usd) as billed_usd
    from marts.revenue_recognition_monthly
    group by product_kind
),

revenue as (
    select product_kind, sum(gross_usd) as revenue_usd from marts.fct_revenue group by product_kind
)

select product_kind, billed_usd, revenue_usd
from billed
full join revenue using (product_kind)
where coalesce(billed_usd, 0) <> coalesce(revenue_usd, 0)
order by all

-- name: proceeds_of_users
-- area: dimensions
-- asset: marts/dim_users
-- severity: error
-- expects: what users paid in all is what fct_revenue booked for those who have a profile
with booked as (
    select coalesce(sum(r.proceeds_usd), 0) as booked_usd
    from marts.fct_revenue r
    inner join marts.dim_users u on u.user_id = r.user_id
)

select sum(proceeds_to_date_usd) as of_users_usd, any_value(booked_usd) as booked_usd
from marts.dim_users
cross join booked
having coalesce(sum(proceeds_to_date_usd), 0) <> any_value(booked_usd)

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

-- name: share_of_unpriced_receipts
-- area: receipts_and_revenue
-- asset: marts/fct_receipts
-- severity: error
-- expects: few receipts lack a price, and they are little of the money
select
    count(*) filter (where r.verdict = 'unpriced') as doubtful,
    count(*) as receipts,
    sum(coalesce(r.paid_usd, r.list_price_usd)) filter (
        where r.verdict = 'unpriced'
    ) as doubtful_usd,
    sum(coalesce(r.paid_usd, r.list_price_usd)) as receipts_usd
from marts.fct_receipts r
where r.verdict not in ('not_a_sale', 'test', 'future')
having
    receipts >= getvariable('receipts_for_a_share')
    and (
        doubtful > receipts * getvariable('receipt_fault_share')
        or doubtful_usd > receipts_usd * getvariable('receipt_fault_share')
    )

-- name: share_of_repeated_receipts
-- area: receipts_and_revenue
-- asset: marts/fct_receipts
-- severity: error
-- expects: few receipts repeat another, and they are little of the money
select
    count(*) filter (
        where r.verdict in ('duplicate_token', 'duplicate_order', 'replayed')
    ) as doubtful,
    count(*) as receipts,
    sum(coalesce(r.paid_usd, r.list_price_usd)) filter (
        where r.verdict in ('duplicate_token', 'duplicate_order', 'replayed')
    ) as doubtful_usd,
    sum(coalesce(r.paid_usd, r.list_price_usd)) as receipts_usd
from marts.fct_receipts r
where r.verdict not in ('not_a_sale', 'test', 'future')
having
    receipts >= getvariable('receipts_for_a_share')
    and (
        doubtful > receipts * getvariable('receipt_fault_share')
        or doubtful_usd > receipts_usd * getvariable('receipt_fault_share')
    )

-- name: share_of_unreadable_receipts
-- area: receipts_and_revenue
-- asset: marts/fct_receipts
-- severity: error
-- expects: few receipts have an amount or a time that cannot be used, and they are little of the money
with unreadable as (
    select distinct source_table, source_id
    from found
    where
        check_name in ('transaction_date_readable', 'transaction_date_plausible', 'absurd_amount')
)

select
    count(*) filter (where u.source_id is not null or r.price_fault is not null) as doubtful,
    count(*) as receipts,
    sum(coalesce(r.paid_usd, r.list_price_usd)) filter (
        where u.source_id is not null or r.price_fault is not null
    ) as doubtful_usd,
    sum(coalesce(r.paid_usd, r.list_price_usd)) as receipts_usd
from marts.fct_receipts r
left join unreadable u on u.source_table = r.source_table and u.source_id = r.source_id
where r.verdict not in ('not_a_sale', 'test', 'future')
having
    receipts >= getvariable('receipts_for_a_share')
    and (
        doubtful > receipts * getvariable('receipt_fault_share')
        or doubtful_usd > receipts_usd * getvariable('receipt_fault_share')
    )

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
