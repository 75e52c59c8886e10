"""Courses: the catalogue, what is held, what is made to order."""

from __future__ import annotations

from models.tables.contract import Column, Derived, Table

AUDIO_FILES = """case
    when json_typeof(data) <> 'object' then 0
    when json_typeof(data -> 'audio_files') = 'array' then json_array_length(data -> 'audio_files')
    when json_typeof(data -> 'audio_files') = 'object'
        then (select count(*)::integer from json_object_keys(data -> 'audio_files'))
    else 0
end"""

# `_<column>_digest` is the MD5 of a document as it was stored, null where that is not kept (jsonb).
DOCUMENT_FAULT = """case
    when json_typeof(data) <> 'object' then 'no object'
    when (
        select count(*) > count(distinct key) from json_object_keys(data) as keys (key)
    ) then 'a key repeats'
    when _data_digest <> lower(btrim(checksum)) then 'of another content'
end"""

CUSTOM_COURSES_DERIVED = (
    Derived("is_delivered", "boolean", f"({AUDIO_FILES}) > 0"),
    Derived("audio_files", "integer", AUDIO_FILES),
    Derived("document_fault", "text", DOCUMENT_FAULT),
)

COURSES = (
    Table(
        "courses",
        columns=(
            Column("id", "uuid", default="gen_random_uuid()"),
            Column("course_code", "text"),
            Column("title", "text"),
            Column("description", "text", is_nullable=True),
            Column("price", "numeric(10,2)", is_nullable=True, is_summed=True),
            Column("currency", "text", default="'USD'"),
            Column("audio", "json", is_nullable=True),
            Column("icon", "text", is_nullable=True),
            Column("workbooks", "json", is_nullable=True),
            Column("checksum", "text", is_nullable=True),
            Column("file_size_bytes", "integer", is_nullable=True),
            Column("created_at", "timestamptz", default="now()"),
            Column("updated_at", "timestamptz", default="now()"),
        ),
        key=("id",),
        unique=(("course_code",),),
    ),
    Table(
        "course_purchases",
        columns=(
            Column("id", "uuid", default="gen_random_uuid()"),
            Column("user_id", "uuid"),
            Column("course_code", "text"),
            Column("voice", "text", is_nullable=True),
            Column("product_id", "text", is_nullable=True),
            Column("purchase_id", "text", is_nullable=True),
            Column("purchase_token", "text", is_nullable=True, policy="secret"),
            Column("source", "text"),
            Column("status", "text"),
            Column("transaction_date", "text", is_nullable=True),
            Column("created_at", "timestamptz", default="now()"),
            Column("updated_at", "timestamptz", default="now()"),
        ),
        key=("id",),
        policies=("select",),
    ),
    Table(
        "custom_courses",
        columns=(
            Column("id", "uuid", default="gen_random_uuid()"),
            Column("user_id", "uuid"),
            Column("course_code", "text"),
            Column("title", "text", policy="pii"),
            Column("description", "text", policy="pii"),
            Column("data", "json", policy="pii"),
            Column("checksum", "text", erased="md5(user_id::VARCHAR)"),
            Column("file_size_bytes", "integer"),
            Column("created_at", "timestamptz", default="now()"),
            Column("updated_at", "timestamptz", default="now()"),
        ),
        key=("id",),
        derived=CUSTOM_COURSES_DERIVED,
    ),
    Table(
        "custom_course_purchases",
        columns=(
            Column("id", "uuid", default="gen_random_uuid()"),
            Column("course_id", "uuid"),
            Column("purchase_id", "text"),
            Column("purchase_token", "text", policy="secret"),
            Column("source", "text"),
            Column("link_token", "text", policy="secret"),
            Column("is_submitted", "boolean", is_nullable=True, default="false"),
            Column("status", "text", is_nullable=True),
            Column("created_at", "timestamptz", is_nullable=True, default="now()"),
            Column("updated_at", "timestamptz", is_nullable=True, default="now()"),
        ),
        key=("id",),
        owned_through=("course_id", "custom_courses"),
        policies=("select",),
    ),
    Table(
        "master_manifests",
        columns=(
            Column("id", "uuid", default="gen_random_uuid()"),
            Column("file_name", "text"),
            Column("content", "json"),
            Column("checksum", "text"),
            Column("file_size_bytes", "integer", is_nullable=True),
            Column("created_at", "timestamptz", default="now()"),
            Column("updated_at", "timestamptz", default="now()"),
        ),
        key=("id",),
        no_history="content files: large, and only the present one is served",
    ),
    Table(
        "manifest_cohorts",
        columns=(
            Column("id", "uuid", default="gen_random_uuid()"),
            Column("manifest_id", "uuid"),
            Column("cohort_id", "uuid"),
            Column("created_at", "timestamptz", default="now()"),
        ),
        key=("id",),
        unique=(("manifest_id", "cohort_id"),),
    ),
)
