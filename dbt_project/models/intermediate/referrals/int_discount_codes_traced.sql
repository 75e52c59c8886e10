-- One row per discount code that hangs from a code without a known parent: depth 0 for that one, 1
-- for its children. Codes on or below a ring of parents are not reached: the recursion ends.
with recursive codes as (
    select
        code_key,
        parent_key
    from {{ ref('int_discount_codes_unified') }}
    where is_canonical
),

traced (code_key, chain_depth) as (
    select
        codes.code_key,
        cast(0 as bigint) as chain_depth
    from codes
    left join codes as parents on codes.parent_key = parents.code_key
    where parents.code_key is null
    union all
    select
        codes.code_key,
        traced.chain_depth + 1 as chain_depth
    from traced
    inner join codes on traced.code_key = codes.parent_key
),

final as (
    select * from traced
)

select * from final
