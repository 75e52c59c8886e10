{#
    The condition that joins a fact to what held of its user at its own time: `users` names
    int_user_attributes in the query. Equality on the user, so that it hashes; every instant of a
    known user falls into one version, the nearest where none was seen that early.

    left join users on {{ holds_at("users", "receipts.user_id", "receipts.transacted_at") }}
#}
{% macro holds_at(users, user_id, instant) -%}
{{ user_id }} = {{ users }}.user_id
and {{ instant }} >= {{ users }}.holds_from_at
and {{ instant }} < {{ users }}.holds_until_at
{%- endmacro %}
