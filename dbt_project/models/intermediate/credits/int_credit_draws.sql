-- Which lot paid for what, first in, first out.
--
-- A claim is a bank use that was observed, or what a refund took back below what its lot had given.
-- Lot by lot: a user's first lot takes what it can of their claims, what is left over goes to the
-- second, and so on; that is the same as letting each claim draw on the lots one after the other.
-- A lot takes the use that was observed from its purchase to its refund, both instants included:
-- use seen at the instant of the refund was before it. Use observed earlier, from credits that no
-- pack explains, is taken by no lot, except for what stood above the bank's limit
-- (bank_overdrawn): that is owed, and the next lot pays it on its purchase. So is what a clawback
-- leaves uncovered.
{%- set given -%}
clawbacks as (
    select * from {{ ref('int_credit_clawbacks') }}
),

lots as (
    select
        lots.*,
        clawbacks.seen_at,
        clawbacks.covered_credits,
        clawbacks.uncovered_use_credits,
        lead(lots.available_at) over (partition by lots.user_id order by lots.lot_number)
            as next_available_at
    from {{ ref('int_credit_lots') }} as lots
    left join clawbacks on lots.lot_id = clawbacks.lot_id
),

uses as (
    select * from {{ ref('int_credit_intervals') }}
    where bank_consumed_credits > 0 and user_id in (select lots.user_id from lots)
),

claims as (
    select
        user_id,
        observed_to_at as claim_at,
        cast(0 as bigint) as clawed_lot_number,
        is_first_version,
        bank_consumed_credits as unpaid_credits,
        bank_overdrawn_credits as owed_credits
    from uses
    union all
    select
        user_id,
        revoked_at as claim_at,
        lot_number as clawed_lot_number,
        false as is_first_version,
        cast(0 as bigint) as unpaid_credits,
        cast(0 as bigint) as owed_credits
    from clawbacks
)
{%- endset -%}
{%- set first -%}
    select
        *,
        cast(sum(unpaid_credits) over (partition by user_id) as bigint) as used_credits,
        cast(0 as bigint) as lot_number,
        cast(0 as bigint) as drawn_credits
    from claims
{%- endset -%}
-- A clawback's claim becomes known, and payable by later lots, once its own lot has been drawn on.
{%- set step -%}
    select
        user_id,
        claim_at,
        clawed_lot_number,
        is_first_version,
        case when clawed_lot_number = lot_number then uncovered_credits else left_credits end
            as unpaid_credits,
        case when clawed_lot_number = lot_number then uncovered_credits else left_owed_credits end
            as owed_credits,
        used_credits,
        lot_number,
        drawn_credits
    from (
        select
            *,
            cast(
                greatest(
                    0,
                    least(
                        sum(drawn_credits) over (partition by user_id),
                        uncovered_use_credits,
                        used_credits
                        - sum(left_use_credits) over (partition by user_id)
                        + sum(
                            case
                                when
                                    clawed_lot_number = 0
                                    and claim_at <= seen_at
                                    and coalesce(claim_at < next_available_at, true)
                                    then left_credits - left_owed_credits
                                else 0
                            end
                        ) over (partition by user_id)
                        - covered_credits
                    )
                ) as bigint
            ) as uncovered_credits
        from (
            select
                *,
                unpaid_credits - drawn_credits as left_credits,
                case when clawed_lot_number = 0 then unpaid_credits - drawn_credits else 0 end
                    as left_use_credits,
                case
                    when clawed_lot_number > 0 or claim_at < available_at
                        then owed_credits - drawn_credits
                    else least(owed_credits, unpaid_credits - drawn_credits)
                end as left_owed_credits
            from (
                select
                    *,
                    cast(
                        greatest(
                            0,
                            least(
                                payable_credits,
                                credits + payable_credits - sum(payable_credits) over (
                                    partition by user_id
                                    order by claim_at, clawed_lot_number
                                    rows unbounded preceding
                                )
                            )
                        ) as bigint
                    ) as drawn_credits
                from (
                    select
                        walk.user_id,
                        walk.claim_at,
                        walk.clawed_lot_number,
                        walk.is_first_version,
                        walk.unpaid_credits,
                        walk.owed_credits,
                        walk.used_credits,
                        lots.lot_number,
                        lots.credits,
                        lots.available_at,
                        lots.next_available_at,
                        lots.seen_at,
                        lots.covered_credits,
                        lots.uncovered_use_credits,
                        case
                            when walk.clawed_lot_number > 0 and walk.claim_at >= lots.revoked_at
                                then 0
                            when walk.claim_at < lots.available_at then walk.owed_credits
                            when walk.claim_at > lots.revoked_at then 0
                            else walk.unpaid_credits
                        end as payable_credits
                    from walk
                    inner join lots
                        on walk.user_id = lots.user_id and walk.lot_number + 1 = lots.lot_number
                    where walk.unpaid_credits > 0 or walk.clawed_lot_number > walk.lot_number
                ) as payable
            ) as drawn
        ) as settled
    ) as claimed
{%- endset %}
with recursive {{ rounds_of('walk', given, first, step) }},

final as (
    select
        lots.lot_id,
        walk.user_id,
        walk.claim_at,
        walk.clawed_lot_number,
        walk.is_first_version,
        walk.clawed_lot_number > 0 or walk.claim_at < lots.available_at as is_debt,
        greatest(walk.claim_at, lots.available_at) as drawn_at,
        walk.drawn_credits
    from walk
    inner join lots on walk.user_id = lots.user_id and walk.lot_number = lots.lot_number
    where walk.drawn_credits > 0
)

select * from final
