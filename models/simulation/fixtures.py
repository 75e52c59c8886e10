"""Rows of the catalogue tables, the same on every day."""

from __future__ import annotations

import numpy as np
import polars as pl

from models.simulation import catalogue
from models.simulation.catalogue import CODES, COHORT_AT, COHORTS, COURSES, cohort_id_texts
from models.simulation.engine.calendar import instants
from models.simulation.engine.draws import Draws
from models.simulation.subjects.discounts.behaviour import LIFESPAN_DAYS

MANIFEST = dict.fromkeys(("file_name", "content", "cohort"), pl.String)


def catalogue_rows(draws: Draws, start: int) -> dict[str, pl.DataFrame]:
    """cohorts, discount_codes, courses, master_manifests, manifest_cohorts, all of one day."""
    at = pl.lit(instants(np.array([start]))[0])
    stamps = {"created_at": at, "updated_at": at}
    manifests = master_manifests(draws)
    tables = {
        "cohorts": cohorts(draws),
        "discount_codes": discount_codes(draws),
        "courses": courses(draws),
        "master_manifests": manifests.drop("cohort"),
    }
    rows = {name: table.with_columns(**stamps) for name, table in tables.items()}
    variants = manifest_cohorts(draws, manifests).with_columns(created_at=at)
    return rows | {"manifest_cohorts": variants}


def cohorts(draws: Draws) -> pl.DataFrame:
    """cohorts: experiment arms, institutions, partners."""
    splash = pl.format("https://example.org/splash/{}", "code")
    return pl.DataFrame(COHORTS).with_columns(
        id=cohort_id_texts(draws),
        description=pl.format("{}: {}", "cohort_type", "name"),
        splash_screen_url=pl.when(pl.col("cohort_type") == "partner").then(splash),
    )


def cohort_ids(draws: Draws) -> pl.Expr:
    """The ids of the codes in a column named cohort."""
    ids = dict(zip(COHORT_AT, cohort_id_texts(draws), strict=True))
    return pl.col("cohort").replace_strict(ids, default=None, return_dtype=pl.String)


def discount_codes(draws: Draws) -> pl.DataFrame:
    """discount_codes with their chains."""
    codes = pl.DataFrame(CODES).with_columns(
        id=catalogue.code_id_texts(draws),
        cohort_id=cohort_ids(draws),
        lifespan_days=LIFESPAN_DAYS,
        expires_at=pl.lit(None, dtype=pl.Datetime("us")),
        referrer_user_id=pl.lit(None, dtype=pl.String),
    )
    return codes.drop("cohort")


def courses(draws: Draws) -> pl.DataFrame:
    """courses: the catalogue with its old list prices."""
    table = pl.DataFrame(COURSES).with_columns(
        id=draws.uuids("course", np.arange(len(COURSES), dtype=np.uint64)),
        description=pl.format("Self-hypnosis: {}", "title"),
        currency=pl.lit("USD"),
        audio=pl.Series([catalogue.course_audio(course) for course in COURSES]),
        icon=pl.format("icons/{}.png", pl.col("code").str.to_lowercase()),
        workbooks=pl.lit("[]"),
    )
    return with_file(table, "audio").drop("tracks").rename({"code": "course_code"})


def master_manifests(draws: Draws) -> pl.DataFrame:
    """master_manifests: files for everyone, and variants of them for a cohort."""
    table = pl.DataFrame(catalogue.manifest_texts(), MANIFEST, orient="row")
    ids = draws.uuids("manifest", np.arange(len(table), dtype=np.uint64))
    return with_file(table.with_columns(id=ids), "content")


def manifest_cohorts(draws: Draws, manifests: pl.DataFrame) -> pl.DataFrame:
    """manifest_cohorts: the cohort of each variant."""
    of_cohort = manifests.with_row_index().drop_nulls("cohort")
    keys = of_cohort["index"].cast(pl.UInt64).to_numpy()
    ids = draws.uuids("manifest cohort", keys)
    return of_cohort.select(id=ids, manifest_id="id", cohort_id=cohort_ids(draws))


def with_file(table: pl.DataFrame, content: str) -> pl.DataFrame:
    """The table with what the sync compares of documents."""
    checksums = [catalogue.md5(text) for text in table[content]]
    sizes = table[content].str.len_bytes().cast(pl.Int64)
    return table.with_columns(checksum=pl.Series(checksums), file_size_bytes=sizes)
