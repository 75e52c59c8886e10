-- One row per receipt that may be a sale of its own, with the keys by which it is one with others:
-- of a purchase its token and its order, of a subscription event what it tells.
with candidates as (
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
        {{ last_known_value(
            'case when order_number is null then told_at end',
            'earlier_of_kind'
        ) }} as unnumbered_before_at,
        {{ first_known_value(
            'case when order_number is null then told_at end',
            'later_of_kind'
        ) }} as unnumbered_after_at
    from events
    window
        of_order as (
            partition by store, order_number, names_period order by told_at, receipt_id
        ),
        of_kind as (
            partition by store, subscription_id, status, names_period
            order by told_at, receipt_id
        ),
        earlier_of_kind as (
            partition by store, subscription_id, status, names_period
            order by told_at, receipt_id
            rows between unbounded preceding and 1 preceding
        ),
        later_of_kind as (
            partition by store, subscription_id, status, names_period
            order by told_at, receipt_id
            rows between current row and unbounded following
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

final as (
    select * from purchase_links
    union all
    select
        receipt_id,
        'events:' || store || ':' || cast(subscription_id as {{ type_text() }})
        || ':' || status || ':'
        || cast(names_period as {{ type_text() }}) || ':' || cast(kind_cluster as {{ type_text() }})
            as first_link,
        'events:' || store || ':order:' || order_number || ':'
        || cast(names_period as {{ type_text() }})
        || ':' || cast(order_cluster as {{ type_text() }}) as second_link
    from clustered
)

select * from final
