"""What the app delivers to groups of people."""

from __future__ import annotations

from models.tables.contract import Column, Table
from models.tables.usage import Area, Usage, inferred, sourced

CONTENT = (
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
        usage=Usage(
            Area.CONTENT,
            inferred("Administrators."),
            sourced("The handshake delivers name, checksum and content to the app."),
            inferred("Replaced when content changes; several versions of one file name may stand."),
            sourced("Whether the meaning changed: the checksum is of bytes, line ends included."),
            frozenset({"file_name"}),
        ),
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
        usage=Usage(
            Area.CONTENT,
            inferred("Administrators."),
            inferred("The handshake, to choose the manifests of a user's cohort."),
            inferred(
                "Changed when content is targeted anew; earlier targets are not kept by the app."
            ),
            inferred("Whether a manifest without a cohort goes to everyone or to nobody."),
            frozenset({"manifest_id", "cohort_id"}),
        ),
    ),
)
