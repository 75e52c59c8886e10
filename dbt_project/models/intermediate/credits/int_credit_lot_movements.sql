-- What happened to each lot, and when. Credits and amounts are positive; the type gives the sign:
-- purchase adds to what is owed, consume earns it, debt earns it for what was used before, refund
-- pays the price back, reverse takes back what had been earned of it, revoke takes the unused
-- credits. Where a refund is undone, refund, reverse and revoke come back below 0; what was used
-- meanwhile is earned then. Earned money is the rounded running total's difference, so that a lot's
-- months add up to its price exactly. unobserved_credits: what of a consumption is of unknown age,
-- seen by a first version.
with lots as (
    select * from {{ ref('int_credit_lots') }}
),

draws as (
    select
        lot_id,
        drawn_at,
        is_debt,
        sum(drawn_credits) as drawn_credits,
        sum(case when is_first_version and not is_debt then drawn_credits else 0 end)
            as unobserved_credits
    from {{ ref('int_credit_draws') }}
    group by lot_id, drawn_at, is_debt
),

running as (
    select
        *,
        sum(drawn_credits) over (
            partition by lot_id
            order by drawn_at asc, is_debt desc nulls last
            rows unbounded preceding
        ) as given_credits
    from draws
),

given as (
    select
        running.lot_id,
        running.drawn_at as movement_at,
        case when running.is_debt then 'debt' else 'consume' end as movement_type,
        running.drawn_credits as credits,
        running.unobserved_credits,
        {{ usd_share('lots.paid_usd', 'running.given_credits', 'lots.credits') }}
        - {{ usd_share(
            'lots.paid_usd', '(running.given_credits - running.drawn_credits)', 'lots.credits'
        ) }} as amount_usd
    from running
    inner join lots on running.lot_id = lots.lot_id
),

changes as (
    select
        lots.lot_id,
        lots.credits,
        lots.paid_usd,
        case changes.entry_type when 'refund' then 1 else -1 end as direction,
        changes.changed_at,
        lead(changes.changed_at, 1, {{ end_of_time() }})
            over (partition by lots.lot_id order by changes.change_number)
            as next_changed_at
    from lots
    inner join {{ ref('int_receipt_refund_changes') }} as changes
        on lots.receipt_id = changes.receipt_id
),

-- While a lot stands refunded nothing of it is earned, and what it gives was revoked before. Use
-- seen at the instant of a change came before it.
settled as (
    select
        given.*,
        changes.lot_id is not null as is_refunded
    from given
    left join changes
        on
            given.lot_id = changes.lot_id
            and changes.direction = 1
            and given.movement_at > changes.changed_at
            and given.movement_at <= changes.next_changed_at
),

turned as (
    select
        changes.lot_id,
        changes.changed_at,
        changes.direction,
        changes.direction * changes.paid_usd as paid_usd,
        changes.direction * (changes.credits - coalesce(sum(given.credits), 0)) as unused_credits,
        changes.direction * coalesce(sum(given.amount_usd), 0) as earned_usd
    from changes
    left join given
        on changes.lot_id = given.lot_id and changes.changed_at >= given.movement_at
    group by
        changes.lot_id, changes.changed_at, changes.direction, changes.credits, changes.paid_usd
),

moved as (
    select
        lot_id,
        available_at as movement_at,
        'purchase' as movement_type,
        credits,
        0 as unobserved_credits,
        paid_usd as amount_usd
    from lots
    union all
    select
        lot_id,
        movement_at,
        movement_type,
        credits,
        unobserved_credits,
        case when is_refunded then 0 else amount_usd end as amount_usd
    from settled
    union all
    select
        lot_id,
        movement_at,
        'revoke' as movement_type,
        -credits as credits,
        0 as unobserved_credits,
        0 as amount_usd
    from settled
    where is_refunded
    union all
    select
        lot_id,
        changed_at as movement_at,
        'revoke' as movement_type,
        unused_credits as credits,
        0 as unobserved_credits,
        0 as amount_usd
    from turned
    union all
    select
        lot_id,
        changed_at as movement_at,
        'reverse' as movement_type,
        0 as credits,
        0 as unobserved_credits,
        earned_usd as amount_usd
    from turned
    union all
    select
        lot_id,
        changed_at as movement_at,
        'refund' as movement_type,
        0 as credits,
        0 as unobserved_credits,
        paid_usd as amount_usd
    from turned
),

-- A use and a change, or two changes, of one instant move the same lot in the same way.
final as (
    select
        lot_id,
        movement_at,
        {{ month_start('movement_at') }} as movement_month,
        movement_type,
        cast(sum(credits) as bigint) as credits,
        cast(sum(unobserved_credits) as bigint) as unobserved_credits,
        cast(sum(amount_usd) as decimal(18, 4)) as amount_usd
    from moved
    group by lot_id, movement_at, movement_type
)

select * from final
