-- Which lot paid for which observed bank use, first in, first out.
--
-- Lot by lot: a user's first lot takes what it can of his bank use, what is left over goes to the
-- second, and so on; that is the same as letting each use draw on the lots one after the other.
-- A lot takes what was observed from its purchase to its refund, both instants included: use seen
-- at the instant of the refund was before it. Use observed earlier, from credits that no pack
-- explains, is taken by no lot, except for what stood above the bank's limit (bank_overdrawn):
-- that was owed, and the next lot pays it on its purchase.
with recursive lots as (
    select * from {{ ref('int_credit_lots') }}
),

intervals as (
    select * from {{ ref('int_credit_intervals') }}
),

walk as (
    select
        user_id,
        observed_to_at,
        cast(0 as bigint) as lot_number,
        bank_consumed_credits as unpaid_credits,
        bank_overdrawn_credits as owed_credits,
        cast(0 as bigint) as drawn_credits
    from intervals
    where bank_consumed_credits > 0 and user_id in (select lots.user_id from lots)

    union all

    select
        user_id,
        observed_to_at,
        lot_number,
        unpaid_credits - drawn_credits as unpaid_credits,
        case
            when observed_to_at < available_at then owed_credits - drawn_credits
            else least(owed_credits, unpaid_credits - drawn_credits)
        end as owed_credits,
        drawn_credits
    from (
        select
            *,
            cast(
                greatest(
                    0,
                    least(
                        payable_credits,
                        credits + payable_credits - sum(payable_credits) over (
                            partition by user_id order by observed_to_at rows unbounded preceding
                        )
                    )
                ) as bigint
            ) as drawn_credits
        from (
            select
                walk.user_id,
                walk.observed_to_at,
                lots.lot_number,
                lots.credits,
                lots.available_at,
                walk.unpaid_credits,
                walk.owed_credits,
                case
                    when walk.observed_to_at < lots.available_at then walk.owed_credits
                    when walk.observed_to_at > lots.revoked_at then 0
                    else walk.unpaid_credits
                end as payable_credits
            from walk
            inner join lots
                on walk.user_id = lots.user_id and walk.lot_number + 1 = lots.lot_number
            where
                walk.unpaid_credits > 0
                and (walk.observed_to_at >= lots.available_at or walk.owed_credits > 0)
        ) as payable
    ) as drawn
),

final as (
    select
        lots.lot_id,
        walk.user_id,
        walk.observed_to_at,
        greatest(walk.observed_to_at, lots.available_at) as drawn_at,
        walk.drawn_credits
    from walk
    inner join lots on walk.user_id = lots.user_id and walk.lot_number = lots.lot_number
    where walk.drawn_credits > 0
)

select * from final
