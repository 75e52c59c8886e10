-- A code given after the snapshot, or at no known time, is in no month.
with assignments as (
    select
        receipts.receipt_id,
        receipts.discount_usd,
        receipts.verdict,
        assignments.assigned_at <= clock.as_of_at as is_in_a_month
    from {{ ref('fct_discount_assignments') }} as assignments
    inner join {{ ref('fct_receipts') }} as receipts
        on assignments.receipt_id = receipts.receipt_id
    cross join {{ ref('int_clock') }} as clock
    where not assignments.is_test
),

sides as (
    select
        (select count(*) - count(distinct receipt_id) from assignments) as repeated,
        (
            select coalesce(sum(discount_usd), 0) from assignments
            where verdict = 'counted' and is_in_a_month
        ) as given_usd,
        (
            select coalesce(sum(discount_usd), 0) from {{ ref('discount_performance') }}
        ) as summed_usd
)

select * from sides
where repeated <> 0 or given_usd <> summed_usd
