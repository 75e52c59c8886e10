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
