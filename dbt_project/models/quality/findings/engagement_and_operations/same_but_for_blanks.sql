with keys as (
    {% for key in text_keys() %}
        select
            '{{ key.table }}' as source_table,
            {{ key.id }} as source_id,
            {{ key.user }} as user_id,
            {{ key.owner }} as owner_id,
            {{ key.texts[0] }} as code,
            {{ key.texts[1] if key.texts | length > 1 else "''" }} as number
        from {{ source('raw', key.table) }}
        {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

stripped as (
    select
        source_table,
        source_id,
        user_id,
        owner_id,
        lower(regexp_replace(code, '^\s+|\s+$', '', 'g')) as code,
        lower(regexp_replace(number, '^\s+|\s+$', '', 'g')) as number
    from keys
),

counted as (
    select
        *,
        count(*) over (partition by source_table, owner_id, code, number) as holders
    from stripped
    where code <> '' and number is not null
)

select
    source_table,
    source_id,
    user_id,
    'Another row has the same key but for blanks or case' as explanation,
    cast(0 as decimal(18, 4)) as money_at_stake_usd
from counted
where holders > 1
