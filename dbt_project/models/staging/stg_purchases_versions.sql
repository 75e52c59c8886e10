with history as (
    {% for table in ['ai_credit_purchases', 'course_purchases', 'custom_course_purchases'] %}
        select
            '{{ table }}' as source_table,
            id,
            status,
            updated_at,
            _op,
            _seen_at
        from {{ source('history', table) }}
        {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

renamed as (
    select
        source_table,
        id as source_id,
        {{ purchase_status('status') }} as status,
        updated_at,
        _op = 'delete' as is_deleted,
        _seen_at as seen_at
    from history
)

select * from renamed
