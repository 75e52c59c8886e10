-- One row per receipt that was seen refunded: the time of the first such version, not after as_of.
with versions as (
    {% for table in ['ai_credit_purchases', 'course_purchases', 'custom_course_purchases'] %}
        {% for schema in ['history', 'raw'] %}
            select
                '{{ table }}:' || cast(id as varchar) as receipt_id,
                updated_at,
                {{ "_seen_at" if schema == "history" else "_loaded_at" }} as seen_at,
                {{ "1" if schema == "history" else "2" }} as preference
            from {{ source(schema, table) }}
            where
                regexp_replace(lower({{ stripped('status') }}), '^purchasestatus\.', '')
                = 'refunded'
            {% if not loop.last %}union all{% endif %}
        {% endfor %}
        {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

firsts as (
    select
        *,
        row_number() over (
            partition by receipt_id order by preference, seen_at, updated_at
        ) as version_number
    from versions
),

final as (
    select
        firsts.receipt_id,
        least(coalesce(firsts.updated_at, firsts.seen_at), clock.as_of_at) as refunded_at
    from firsts
    cross join {{ ref('int_clock') }} as clock
    where firsts.version_number = 1
)

select * from final
