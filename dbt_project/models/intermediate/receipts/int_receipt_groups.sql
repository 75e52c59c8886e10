-- One row per receipt of a group of two or more that are one sale: the connected components over
-- shared keys. Only rows that share a key enter. Each round gives every label a new random rank and
-- moves each set of rows with one label to the lowest rank among the labels that its keys touch; a
-- set whose keys touch no other label is a whole component and drops out. That halves the labels a
-- round or better, whatever the shape, so a chain of a million rows takes some thirty rounds, where
-- handing the lowest label on would take a million.
with recursive candidates as (
    select
        receipts.*,
        stores.sale_is
    from {{ ref('int_receipts_screened') }} as receipts
    inner join {{ ref('int_stores') }} as stores on receipts.store = stores.store
    where receipts.own_verdict is null
),

purchases as (
    select
        *,
        row_number() over (
            partition by token_key order by transacted_at, created_at, source_id, source_table
        ) as token_place
    from candidates
    where source_table <> 'subscription_events'
),

-- Where the transaction is the sale, its receipt is but the envelope: a row that names no
-- transaction joins the first row of its token, and no other row is linked by it.
purchase_links as (
    select
        receipt_id,
        case
            when sale_is = 'token_or_order' or order_key is null or token_place = 1 then token_key
        end as first_link,
        order_key as second_link
    from purchases
),

-- Events are told apart by what they say: the order, the subscription, the type, the period named.
-- One that restores a purchase says what the event says that told of its period.
named as (
    select
        receipt_id,
        store,
        subscription_id,
        status,
        created_at,
        lower(order_id) as order_number,
        names_expires_at
    from candidates
    where source_table = 'subscription_events'
),

events as (
    select
        named.receipt_id,
        named.store,
        coalesce(firsts.subscription_id, named.subscription_id) as subscription_id,
        coalesce(firsts.status, named.status) as status,
        case
            when firsts.receipt_id is null then named.order_number else firsts.order_number
        end as order_number,
        named.names_expires_at is not null as names_period,
        coalesce(named.names_expires_at, named.created_at) as told_at
    from named
    left join {{ ref('int_receipts_restored') }} as restored
        on named.receipt_id = restored.receipt_id
    left join named as firsts on restored.first_receipt_id = firsts.receipt_id
),

neighbored as (
    select
        *,
        lag(told_at) over of_order as previous_of_order_at,
        lag(told_at) over of_kind as previous_at,
        last_value(case when order_number is null then told_at end ignore nulls) over (
            of_kind rows between unbounded preceding and 1 preceding
        ) as unnumbered_before_at,
        first_value(case when order_number is null then told_at end ignore nulls) over (
            of_kind rows between current row and unbounded following
        ) as unnumbered_after_at
    from events
    window
        of_order as (
            partition by store, order_number, names_period order by told_at, receipt_id
        ),
        of_kind as (
            partition by store, subscription_id, status, names_period
            order by told_at, receipt_id
        )
),

-- Under one order number events of one period are one; where a number is missing on one side, those
-- of one subscription and type. Without a named period, there the instant told decides.
broken as (
    select
        *,
        case
            when not names_period or {{ same_end('previous_of_order_at', 'told_at') }} then 0
            else 1
        end as is_new_of_order,
        case
            when not names_period
                then
                    case
                        when unnumbered_before_at = told_at then 0
                        when unnumbered_after_at = previous_at then 0
                        else 1
                    end
            when {{ same_end('unnumbered_before_at', 'told_at') }} then 0
            when {{ same_end('previous_at', 'unnumbered_after_at') }} then 0
            else 1
        end as is_new_of_kind
    from neighbored
),

clustered as (
    select
        *,
        sum(is_new_of_order) over (
            partition by store, order_number, names_period
            order by told_at, receipt_id
            rows between unbounded preceding and current row
        ) as order_cluster,
        sum(is_new_of_kind) over (
            partition by store, subscription_id, status, names_period
            order by told_at, receipt_id
            rows between unbounded preceding and current row
        ) as kind_cluster
    from broken
),

links as (
    select * from purchase_links
    union all
    select
        receipt_id,
        'events:' || store || ':' || cast(subscription_id as varchar) || ':' || status || ':'
        || cast(names_period as varchar) || ':' || cast(kind_cluster as varchar) as first_link,
        'events:' || store || ':order:' || order_number || ':'
        || cast(names_period as varchar) || ':' || cast(order_cluster as varchar) as second_link
    from clustered
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
        candidates.receipt_id,
        candidates.source_id,
        candidates.source_table,
        candidates.user_id,
        candidates.token_key,
        candidates.transacted_at,
        candidates.created_at,
        coalesce(shared_first.first_link, 'row:' || candidates.receipt_id) as token_edge,
        coalesce(shared_second.second_link, 'row:' || candidates.receipt_id) as order_edge
    from candidates
    inner join links on candidates.receipt_id = links.receipt_id
    left join shared_first on links.first_link = shared_first.first_link
    left join shared_second on links.second_link = shared_second.second_link
    where shared_first.first_link is not null or shared_second.second_link is not null
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
