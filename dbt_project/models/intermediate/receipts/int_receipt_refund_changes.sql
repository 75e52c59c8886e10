-- One row per change of a receipt between refunded and not: refund and refund_reversal in turn, at
-- the first version that says so. A version is timed by updated_at where that advanced, else by
-- the extraction that saw it; a change is never before its sale. A row that the source deleted
-- goes on in the row of the same user that stands for the same sale, and a refund that was written
-- as a row of its own is the sale's.
with receipts as (
    select * from {{ ref('int_receipts_unioned') }}
),

successors as (
    select
        grouped.receipt_id,
        grouped.first_receipt_id,
        firsts.source_deleted_at as deleted_at,
        row_number() over (
            partition by grouped.first_receipt_id order by grouped.position
        ) as place
    from {{ ref('int_receipt_groups') }} as grouped
    inner join receipts as firsts on grouped.first_receipt_id = firsts.receipt_id
    inner join receipts on grouped.receipt_id = receipts.receipt_id
    where
        firsts.source_deleted_at is not null
        and receipts.source_deleted_at is null
        and firsts.user_id = receipts.user_id
),

seen as (
    select
        source_table || ':' || cast(source_id as {{ type_text() }}) as receipt_id,
        coalesce(status = 'refunded', false) as is_refunded,
        updated_at,
        seen_at
    from {{ ref('stg_purchases_versions') }}
    where not is_deleted
),

told as (
    select * from seen
    union all
    select
        successors.first_receipt_id as receipt_id,
        seen.is_refunded,
        seen.updated_at,
        seen.seen_at
    from seen
    inner join successors
        on seen.receipt_id = successors.receipt_id and seen.seen_at >= successors.deleted_at
    where successors.place = 1
),

refunded as (
    select distinct receipt_id from told
    where is_refunded
),

versions as (
    select told.*
    from told
    inner join refunded on told.receipt_id = refunded.receipt_id
),

{{ version_timed(["receipt_id"]) }},

compared as (
    select
        *,
        lag(is_refunded, 1, false) over (
            partition by receipt_id order by version_number
        ) as was_refunded
    from timed
),

own_words as (
    select
        receipt_id,
        is_refunded,
        observed_at,
        version_number,
        receipt_id as told_by
    from compared
    where is_refunded <> was_refunded
),

-- Of a sale: what its user's other rows of it say too, one after the other, the newest deciding.
words as (
    select * from own_words
    union all
    select
        grouped.first_receipt_id as receipt_id,
        own_words.is_refunded,
        own_words.observed_at,
        own_words.version_number,
        own_words.told_by
    from own_words
    inner join receipts on own_words.receipt_id = receipts.receipt_id
    inner join {{ ref('int_receipt_groups') }} as grouped
        on
            own_words.receipt_id = grouped.receipt_id
            and receipts.user_id = grouped.first_user_id
    left join successors on own_words.receipt_id = successors.receipt_id and successors.place = 1
    where grouped.position > 1 and successors.receipt_id is null
),

ordered as (
    select
        receipt_id,
        is_refunded,
        observed_at,
        row_number() over of_receipt as version_number,
        lag(is_refunded, 1, false) over of_receipt as was_refunded
    from words
    window of_receipt as (
        partition by receipt_id order by observed_at, told_by, version_number
    )
),

changed as (
    select * from ordered
    where is_refunded <> was_refunded
),

final as (
    select
        changed.receipt_id,
        row_number() over (
            partition by changed.receipt_id order by changed.version_number
        ) as change_number,
        case when changed.is_refunded then 'refund' else 'refund_reversal' end as entry_type,
        least(greatest(changed.observed_at, receipts.transacted_at), clock.as_of_at) as changed_at
    from changed
    inner join receipts on changed.receipt_id = receipts.receipt_id
    cross join {{ ref('int_clock') }} as clock
)

select * from final
