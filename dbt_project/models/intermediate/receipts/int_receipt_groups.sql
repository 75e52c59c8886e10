-- One row per receipt of a group of two or more that are one sale: the connected components over
-- shared keys. Only rows that share a key enter. Each round gives every label a new random rank and
-- moves each set of rows with one label to the lowest rank among the labels that its keys touch; a
-- set whose keys touch no other label is a whole component and drops out. That halves the labels a
-- round or better, whatever the shape, so a chain of a million rows takes some thirty rounds, where
-- handing the lowest label on would take a million.
{%- set given -%}
receipts as (
    select * from {{ ref('int_receipts_screened') }}
),

links as (
    select * from {{ ref('int_receipt_links') }}
),

shared_first as (
    select first_link from links
    where first_link is not null
    group by first_link
    having count(*) > 1
),

shared_second as (
    select second_link from links
    where second_link is not null
    group by second_link
    having count(*) > 1
),

-- A link that no other row has becomes the row's own: absent keys meet nothing.
members as (
    select
        receipts.receipt_id,
        receipts.source_id,
        receipts.source_table,
        receipts.user_id,
        receipts.token_key,
        receipts.transacted_at,
        receipts.created_at,
        coalesce(shared_first.first_link, 'row:' || receipts.receipt_id) as token_edge,
        coalesce(shared_second.second_link, 'row:' || receipts.receipt_id) as order_edge
    from receipts
    inner join links on receipts.receipt_id = links.receipt_id
    left join shared_first on links.first_link = shared_first.first_link
    left join shared_second on links.second_link = shared_second.second_link
    where shared_first.first_link is not null or shared_second.second_link is not null
)
{%- endset -%}
{%- set first -%}
    select
        receipt_id,
        token_edge,
        order_edge,
        md5(min(receipt_id) over (partition by token_edge)) as label,
        0 as round_number
    from members
{%- endset -%}
{%- set step -%}
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
                min(md5(label || ':' || cast(round_number as {{ type_text() }})))
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
{%- endset %}
with recursive {{ rounds_of('rounds', given, first, step) }},

labelled as (
    select
        receipt_id,
        label,
        row_number() over (partition by receipt_id order by round_number desc nulls last) as age
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
