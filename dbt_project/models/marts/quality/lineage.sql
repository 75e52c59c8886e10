with traced as (
    select * from {{ source('meta', 'lineage') }}
),

final as (
    select
        mart,
        column_name,
        source_table,
        source_column
    from traced
    order by mart, column_name, source_table, source_column
)

select * from final
