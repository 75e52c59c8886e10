with memberships as (
    select
        user_id,
        cohort_id
    from {{ source('raw', 'user_cohorts') }}
    union
    select
        user_id,
        cohort_id
    from {{ source('history', 'user_cohorts') }}
)

select
    'user_discounts' as source_table,
    d.id as source_id,
    d.user_id,
    'The code belongs to a cohort in which the user never was' as explanation,
    a.discount_usd as money_at_stake_usd
from {{ source('raw', 'user_discounts') }} as d
inner join {{ source('raw', 'discount_codes') }} as c on d.discount_code_id = c.id
left join memberships as m on d.user_id = m.user_id and c.cohort_id = m.cohort_id
left join {{ ref('fct_discount_assignments') }} as a
    on d.user_id = a.user_id and a.discount_code = {{ stripped('c.code') }}
where c.cohort_id is not null and m.user_id is null
