-- One row per month, product and store: what a charge of it counts for (mix_references).
with pairs as (
    select * from {{ ref('int_revenue_pairs') }}
),

{{ mix_references('pairs', ["value", "list", "discount"]) }}

select * from final
