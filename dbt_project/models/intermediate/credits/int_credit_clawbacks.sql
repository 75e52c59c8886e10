-- Refunded lots whose credits the bank was seen to take back: its limit, less all packs bought so
-- far, fell between the last version before the refund and a version after it; before the first
-- look it is taken to be the packs. Looked for up to the first version after the next purchase,
-- since a fall beyond it is another event's.
--
-- covered_credits: what the limit then left to cover the use of this lot and of those before it,
-- the packs after it set aside. Use above that is owed, as far as the bank then still showed it
-- (uncovered_use_credits).
with lots as (
    select * from {{ ref('int_credit_lots') }}
),

refunded as (
    select * from lots
    where revoked_at is not null
),

versions as (
    select
        user_id,
        observed_at,
        bank_limit_credits,
        bank_used_credits,
        lag(observed_at) over (partition by user_id order by observed_at) as previous_at
    from {{ ref('int_credit_usage_versions') }}
    where user_id in (select refunded.user_id from refunded)
),

explained as (
    select
        versions.user_id,
        versions.observed_at,
        versions.previous_at,
        versions.bank_limit_credits,
        versions.bank_used_credits,
        versions.bank_limit_credits - sum(
            case when lots.available_at <= versions.observed_at then lots.credits else 0 end
        ) as surplus_credits
    from versions
    inner join lots on versions.user_id = lots.user_id
    group by
        versions.user_id,
        versions.observed_at,
        versions.previous_at,
        versions.bank_limit_credits,
        versions.bank_used_credits
),

bounded as (
    select
        refunded.lot_id,
        refunded.user_id,
        refunded.lot_number,
        refunded.revoked_at,
        min(case when lots.available_at > refunded.revoked_at then lots.available_at end)
            as next_purchase_at
    from refunded
    inner join lots on refunded.user_id = lots.user_id
    group by refunded.lot_id, refunded.user_id, refunded.lot_number, refunded.revoked_at
),

befores as (
    select
        bounded.lot_id,
        {{ value_at_greatest('explained.surplus_credits', 'explained.observed_at') }}
            as surplus_credits
    from bounded
    inner join explained
        on
            bounded.user_id = explained.user_id
            and bounded.revoked_at > explained.observed_at
    group by bounded.lot_id
),

paired as (
    select
        bounded.*,
        explained.observed_at,
        explained.previous_at,
        explained.bank_limit_credits,
        explained.bank_used_credits,
        explained.surplus_credits,
        coalesce(befores.surplus_credits, 0) as surplus_before_credits
    from bounded
    inner join explained on bounded.user_id = explained.user_id
    left join befores on bounded.lot_id = befores.lot_id
),

fallen as (
    select
        *,
        row_number() over (partition by lot_id order by observed_at) as place
    from paired
    where
        observed_at >= revoked_at
        and surplus_credits < surplus_before_credits
        and (next_purchase_at is null or previous_at < next_purchase_at)
),

covered as (
    select
        fallen.lot_id,
        fallen.user_id,
        fallen.lot_number,
        fallen.revoked_at,
        fallen.observed_at as seen_at,
        cast(
            fallen.bank_limit_credits - sum(
                case
                    when
                        lots.lot_number > fallen.lot_number
                        and lots.available_at <= fallen.observed_at
                        and (lots.revoked_at is null or lots.revoked_at > fallen.observed_at)
                        then lots.credits
                    else 0
                end
            ) as bigint
        ) as covered_credits,
        fallen.bank_used_credits
    from fallen
    inner join lots on fallen.user_id = lots.user_id
    where fallen.place = 1
    group by
        fallen.lot_id,
        fallen.user_id,
        fallen.lot_number,
        fallen.revoked_at,
        fallen.observed_at,
        fallen.bank_limit_credits,
        fallen.bank_used_credits
),

final as (
    select
        lot_id,
        user_id,
        lot_number,
        revoked_at,
        seen_at,
        covered_credits,
        bank_used_credits - covered_credits as uncovered_use_credits
    from covered
)

select * from final
