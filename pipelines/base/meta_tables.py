"""Schema meta of the working file: what the extraction, dbt's part and erasures remember there."""

from __future__ import annotations

from models.quoting import quoted

# One row per (run, table); `as_of_at` is the snapshot's time and the same for all tables of a run.
RUN_MANIFEST = (
    ("run_id", "VARCHAR"),
    ("table_name", "VARCHAR"),
    ("as_of_at", "TIMESTAMP"),
    ("started_at", "TIMESTAMP"),
    ("finished_at", "TIMESTAMP"),
    ("source_fingerprint", "VARCHAR"),
    ("source_rows", "BIGINT"),
    ("warehouse_rows", "BIGINT"),
    ("changed_rows", "BIGINT"),
    ("deleted_rows", "BIGINT"),
    ("code_version", "VARCHAR"),
)
# Which run saw a snapshot; history.* names it as _run_id.
SNAPSHOTS = (
    ("as_of_at", "TIMESTAMP"),
    ("run_id", "VARCHAR"),
)
# What mart `lineage` is built from; `digest` is that of the SQL it was told from.
LINEAGE = (
    ("mart", "VARCHAR"),
    ("column_name", "VARCHAR"),
    ("source_table", "VARCHAR"),
    ("source_column", "VARCHAR"),
    ("digest", "VARCHAR"),
)
# One row per table: where the next extraction of it starts.
WATERMARKS = (
    ("table_name", "VARCHAR"),
    ("system_identifier", "VARCHAR"),
    ("timeline", "BIGINT"),
    ("database_oid", "BIGINT"),
    ("server_started_at", "TIMESTAMP"),
    ("snapshot_xmin", "BIGINT"),
    ("snapshot_xmax", "BIGINT"),
    ("fingerprint", "VARCHAR"),
    ("as_of_at", "TIMESTAMP"),
    ("run_id", "VARCHAR"),
)
# One row per table: what raw.<table> held at the end of the last extraction.
CHECKSUMS = (
    ("table_name", "VARCHAR"),
    ("rows", "BIGINT"),
    ("xmins", "HUGEINT"),
    ("least_xmin", "BIGINT"),
    ("most_xmin", "BIGINT"),
)
SOURCE_TOTALS = (
    ("run_id", "VARCHAR"),
    ("table_name", "VARCHAR"),
    ("measure", "VARCHAR"),
    ("value", "DECIMAL(38,9)"),
)
UNKNOWN_TABLES = (("table_name", "VARCHAR"), ("first_seen_at", "TIMESTAMP"))
ERASURE_SALT = (("salt", "VARCHAR"),)
# What stands in place of a word of that salted hash; kind: person, order, token, code.
ERASED_WORDS = (("kind", "VARCHAR"), ("word_hash", "VARCHAR"), ("word", "VARCHAR"))
# People erased, by the random id under which their rows now stand.
ERASED = (("user_id", "UUID"), ("erased_at", "TIMESTAMP"))

META = {
    "run_manifest": RUN_MANIFEST,
    "snapshots": SNAPSHOTS,
    "lineage": LINEAGE,
    "extraction_marks": WATERMARKS,
    "held": CHECKSUMS,
    "source_totals": SOURCE_TOTALS,
    "unknown_tables": UNKNOWN_TABLES,
    "erasure_salt": ERASURE_SALT,
    "erased_words": ERASED_WORDS,
    "erased": ERASED,
}


def create_table_sql(schema: str, name: str, *, columns: tuple[tuple[str, str], ...]) -> str:
    """`create table if not exists` for the given (name, DuckDB type) pairs."""
    body = ", ".join(f"{quoted(column)} {kind}" for column, kind in columns)
    return f"create table if not exists {schema}.{quoted(name)} ({body})"
