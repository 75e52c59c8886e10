"""Courses: the catalogue, what is held, what is made to order."""

from __future__ import annotations

from models.tables.contract import Column, Derived, Table
from models.tables.usage import Area, Usage, inferred, sourced

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
        usage=Usage(
            Area.COURSES,
            inferred("Administrators."),
            inferred("The shop manifest is made from it; the app reads that, not this table."),
            inferred("Changed when a course is published or its audio is revised."),
            sourced("Single courses are no longer sold; the price is an earlier list price."),
            frozenset({"course_code", "price", "audio", "icon", "workbooks"}),
        ),
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
        usage=Usage(
            Area.COURSES,
            inferred("The edge function validate_purchase, once the store confirms a course."),
            inferred("The handshake, to decide which courses a device holds."),
            inferred("Inserted on validation; a course may be held once per voice."),
            inferred("Whether money was paid: under premium a row may mean a filled slot."),
            frozenset({"user_id", "source", "transaction_date"}),
        ),
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
        usage=Usage(
            Area.COURSES,
            sourced("submit-custom-course starts generation; update_json appends audio files."),
            sourced("The handshake adds the course to the sync answer."),
            sourced("The document grows as audio arrives; checksum and size are then recomputed."),
            inferred(
                "Whether a course was delivered: rows start as placeholders, so look into data."
            )
            + sourced("Which course it is by its code: nearly every row has the same code."),
            frozenset(
                {
                    "id",
                    "user_id",
                    "course_code",
                    "title",
                    "description",
                    "data",
                    "checksum",
                    "file_size_bytes",
                    "created_at",
                    "updated_at",
                }
            ),
        ),
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
        usage=Usage(
            Area.COURSES,
            sourced("validate_purchase inserts; submit-custom-course marks the row as submitted."),
            sourced("redirect-custom-course and verify_gen_link, which check the link."),
            sourced("Active and not submitted, then submitted once audio generation has begun.")
            + inferred(
                "Any update of the row extends its 24-hour link, which counts from updated_at."
            ),
            sourced("Who bought it, and at what price: there is no user, price or product column."),
            frozenset(
                {
                    "id",
                    "course_id",
                    "purchase_id",
                    "purchase_token",
                    "source",
                    "link_token",
                    "is_submitted",
                    "status",
                    "created_at",
                    "updated_at",
                }
            ),
        ),
    ),
)
