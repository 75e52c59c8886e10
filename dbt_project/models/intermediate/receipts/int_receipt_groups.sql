-- One row per receipt of a group of two or more that are one sale: the connected components over
-- shared keys. Only rows that share a key enter. Each round gives every label a new random rank and
-- moves each set of rows with one label to the lowest rank among the labels that its keys touch; a
-- set whose keys touch no other label is a whole component and drops out. That halves the labels a
-- round or better, whatever the shape, so a chain of a million rows takes some thirty rounds, where
-- handing the lowest label on would take a million.
with recursive candidates as (
    select * from {{ ref('int_receipts_screened') }}
    where own_verdict is null and (token_key is not null or order_key is not null)
),

shared_tokens as (
    select token_key from candidates
    where token_key is not null
    group by token_key
    having count(*) > 1
),

shared_orders as (
    select order_key from candidates
    where order_key is not null
    group by order_key
    having count(*) > 1
),

-- A key that no other row has becomes the row's own: absent keys meet nothing.
members as (
    select
        candidates.receipt_id,
        candidates.source_id,
        candidates.source_table,
        candidates.user_id,
        candidates.token_key,
        candidates.transacted_at,
        candidates.created_at,
        coalesce(shared_tokens.token_key, 'row:' || candidates.receipt_id) as token_edge,
        coalesce(shared_orders.order_key, 'row:' || candidates.receipt_id) as order_edge
    from candidates
    left join shared_tokens on candidates.token_key = shared_tokens.token_key
    left join shared_orders on candidates.order_key = shared_orders.order_key
    where shared_tokens.token_key is not null or shared_orders.order_key is not null
),

rounds as (
    select
        receipt_id,
        token_edge,
        order_edge,
        md5(min(receipt_id) over (partition by token_edge)) as label,
        0 as round_number
    from members
    union all
    select
        receipt_id,
        token_edge,
        order_edge,
        min(order_rank) over (partition by label) as label,
        round_number + 1 as round_number
    from (
        select
            *,
            min(token_rank) over (partition by order_edge) as order_rank
        from (
            select
                *,
                min(md5(label || ':' || cast(round_number as varchar)))
                    over (partition by token_edge)
                    as token_rank
            from (
                select
                    *,
                    max(is_open) over (partition by label) as is_label_open
                from (
                    select
                        *,
                        case
                            when
                                min(label) over (partition by token_edge)
                                <> max(label) over (partition by token_edge)
                                or min(label) over (partition by order_edge)
                                <> max(label) over (partition by order_edge)
                                then 1
                            else 0
                        end as is_open
                    from rounds
                ) as compared
            ) as opened
            where is_label_open = 1
        ) as ranked_by_token
    ) as ranked_by_order
),

labelled as (
    select
        receipt_id,
        label,
        row_number() over (partition by receipt_id order by round_number desc) as age
    from rounds
),

ordered as (
    select
        members.receipt_id,
        members.user_id,
        members.token_key,
        labelled.label,
        row_number() over (
            partition by labelled.label
            order by
                members.transacted_at, members.created_at, members.source_id, members.source_table
        ) as position
    from members
    inner join labelled on members.receipt_id = labelled.receipt_id and labelled.age = 1
),

final as (
    select
        receipt_id,
        first_value(receipt_id) over (partition by label order by position) as first_receipt_id,
        first_value(user_id) over (partition by label order by position) as first_user_id,
        position,
        token_key is not null
        and row_number() over (partition by label, token_key order by position)
        > 1 as is_token_earlier
    from ordered
)

select * from final
