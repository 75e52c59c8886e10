-- One row per opening with all that is known of its period but its price: its chain, its span, and
-- whether it is a trial, a change of plan that the old plan's rest pays, or of a length that its
-- plan contradicts.
with cut as (
    select * from {{ ref('int_subscription_phases_held') }}
),

-- An older purchase that is charged on beside a newer one waits until that ends, and gives way
-- where a newer one goes on.
covers as (
    select
        older.user_id,
        older.opening_number,
        older.own_start_at,
        newer.own_start_at as cover_start_at,
        newer.cut_at as cover_end_at,
        coalesce(
            max(newer.cut_at) over (
                partition by older.user_id, older.opening_number
                order by newer.own_start_at, newer.cut_at, newer.opening_number
                rows between unbounded preceding and 1 preceding
            ), older.own_start_at
        ) as reached_before_at
    from cut as older
    inner join cut as newer on older.user_id = newer.user_id
    where
        newer.purchase_number > older.purchase_number
        and newer.cut_at > newer.own_start_at
        and newer.cut_at > older.own_start_at
        and older.cut_at > older.own_start_at
),

joined_covers as (
    select
        *,
        max(case when cover_start_at > greatest(reached_before_at, own_start_at) then 1 else 0 end)
            over (
                partition by user_id, opening_number
                order by cover_start_at, cover_end_at
                rows between unbounded preceding and current row
            )
            as is_apart
    from covers
),

waits as (
    select
        user_id,
        opening_number,
        max(case when is_apart = 0 then cover_end_at end) as waits_until_at,
        min(case when is_apart = 1 then cover_start_at end) as gives_way_at
    from joined_covers
    group by user_id, opening_number
),

spanned as (
    select
        cut.*,
        case
            when waits.waits_until_at < cut.cut_at then waits.waits_until_at
            else cut.own_start_at
        end as period_start_at,
        case
            when waits.waits_until_at >= cut.cut_at then cut.own_start_at
            when waits.gives_way_at < cut.cut_at then waits.gives_way_at
            else cut.cut_at
        end as effective_end_at,
        case
            when waits.gives_way_at < cut.cut_at then waits.gives_way_at else cut.replaced_at
        end as given_way_at,
        coalesce(waits.waits_until_at >= cut.cut_at, false) as is_covered,
        sum(case when cut.opens_chain then 1 else 0 end) over (
            partition by cut.user_id, cut.purchase_number
            order by cut.purchase_step
            rows between unbounded preceding and current row
        ) as purchase_chain,
        {{ first_known_value(
            'case when not cut.is_repeated_end then cut.opens_chain end', 'to_come'
        ) }} as next_opens_chain
    from cut
    left join waits
        on cut.user_id = waits.user_id and cut.opening_number = waits.opening_number
    window to_come as (
        partition by cut.user_id, cut.purchase_number
        order by cut.purchase_step
        rows between 1 following and unbounded following
    )
),

chained as (
    select
        *,
        min(opening_number) over (
            partition by user_id, purchase_number, purchase_chain
        ) as chain_opening_number,
        coalesce(
            product_key <> lag(product_key) over (
                partition by user_id, purchase_number, purchase_chain order by purchase_step
            ), true
        ) as is_new_product,
        row_number() over (
            partition by user_id
            order by
                case when effective_end_at > period_start_at then 0 else 1 end,
                effective_end_at desc nulls last,
                opening_number desc nulls last
        ) as recency
    from spanned
),

numbered as (
    select
        *,
        dense_rank() over (partition by user_id order by chain_opening_number) as chain_number,
        {{ last_known_value('case when is_new_product then created_at end', 'so_far') }}
            as kept_from_at,
        greatest(
            sum(case when is_trial or is_prorated or is_implausible then 0 else 1 end) over so_far
            - 1, 0
        ) as paid_before
    from chained
    window so_far as (
        partition by user_id, purchase_number, purchase_chain
        order by purchase_step
        rows between unbounded preceding and current row
    )
),

final as (
    select
        subscription_event_id,
        receipt_id,
        user_id,
        subscription_id,
        event_type,
        created_at,
        base_plan_id,
        store,
        grace_days,
        opening_number,
        purchase_number,
        chain_number,
        case when is_trial or is_prorated or is_implausible then 0 else paid_before end
            as renewal_number,
        is_test,
        product_key,
        billing_months,
        term_months,
        offer_id,
        is_trial,
        is_repeated_trial,
        is_prorated,
        is_implausible,
        kept_from_at,
        period_start_at,
        period_end_at,
        effective_end_at,
        end_at,
        given_way_at as replaced_at,
        is_covered,
        effective_end_at > period_start_at and recency = 1 as is_last,
        has_expired,
        expired_event_id,
        next_opens_chain
    from numbered
)

select * from final
