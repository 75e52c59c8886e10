{# Written by pipelines/extract/dbt_sources.py from models/tables and models/schema. #}
{% macro source_tables() %}{{ return([
    "ai_credit_purchases",
    "ai_usage",
    "analytics",
    "app_logs",
    "audio_usage",
    "cached_handshake_responses",
    "cohorts",
    "course_purchases",
    "courses",
    "custom_course_purchases",
    "custom_courses",
    "discount_codes",
    "manifest_cohorts",
    "master_manifests",
    "referral_credits",
    "server_logs",
    "subscription_events",
    "subscriptions",
    "user_cohorts",
    "user_discounts",
    "user_profile",
]) }}{% endmacro %}

{# What is unique by text: the row's id, whose row it is, per whom it is unique. #}
{% macro text_keys() %}{{ return([
    {"table": "analytics", "id": "id", "user": "user_id", "owner": "user_id", "texts": ["course_code"]},
    {"table": "audio_usage", "id": "id", "user": "user_id", "owner": "user_id", "texts": ["course_code", "audio_number"]},
    {"table": "cohorts", "id": "id", "user": "null", "owner": "null", "texts": ["code"]},
    {"table": "courses", "id": "id", "user": "null", "owner": "null", "texts": ["course_code"]},
    {"table": "discount_codes", "id": "id", "user": "null", "owner": "null", "texts": ["code"]},
    {"table": "user_profile", "id": "user_id", "user": "user_id", "owner": "null", "texts": ["referral_code"]},
]) }}{% endmacro %}
