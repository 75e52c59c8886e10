with assignments as (
    select
        receipts.receipt_id,
        receipts.discount_usd,
        receipts.verdict
    from {{ ref('fct_discount_assignments') }} as assignments
    inner join {{ ref('fct_receipts') }} as receipts
        on assignments.receipt_id = receipts.receipt_id
    where not assignments.is_test
),

sides as (
    select
        (select count(*) - count(distinct receipt_id) from assignments) as repeated,
        (
            select coalesce(sum(discount_usd), 0) from assignments
            where verdict = 'counted'
        ) as given_usd,
        (
            select coalesce(sum(discount_usd), 0) from {{ ref('discount_performance') }}
        ) as summed_usd
)

select * from sides
where repeated <> 0 or given_usd <> summed_usd
