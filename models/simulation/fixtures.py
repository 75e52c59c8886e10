"""Rows of the catalogue tables, the same on every day."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import polars as pl

from models.simulation.catalogue import (
    CODES,
    COHORT_AT,
    COHORTS,
    COURSES,
    code_id_texts,
    cohort_id_texts,
    course_audio,
    manifest_texts,
    md5,
)
from models.simulation.engine.calendar import instants
from models.simulation.engine.columns import chosen, formatted, frame_of, listed
from models.simulation.engine.draws import Draws
from models.simulation.subjects.discounts.behaviour import LIFESPAN_DAYS


def catalogue_rows(draws: Draws, start: int) -> dict[str, pl.DataFrame]:
    """cohorts, discount_codes, courses, master_manifests, manifest_cohorts."""
    return {
        "cohorts": cohorts(draws, start),
        "discount_codes": discount_codes(draws, start),
        "courses": courses(draws, start),
        **manifests(draws, start),
    }


def told(things: Sequence[Any], *names: str) -> dict[str, pl.Series]:
    """Texts of things of the catalogue, as columns."""
    return {n: pl.Series([getattr(thing, n) for thing in things], dtype=pl.String) for n in names}


def stamps(start: int, size: int) -> dict[str, pl.Series]:
    """created_at and updated_at on the first day."""
    at = instants(np.full(size, start))
    return {"created_at": at, "updated_at": at}


def file(contents: list[str]) -> dict[str, list[Any]]:
    """What the sync compares of documents."""
    sizes = [len(text.encode()) for text in contents]
    return {"checksum": [md5(text) for text in contents], "file_size_bytes": sizes}


def cohorts(draws: Draws, start: int) -> pl.DataFrame:
    """cohorts: experiment arms, institutions, partners."""
    of_partner = np.array([c.cohort_type == "partner" for c in COHORTS])
    columns = told(COHORTS, "code", "name", "cohort_type")
    splash = formatted("https://example.org/splash/{}", columns["code"])
    return frame_of(
        id=cohort_id_texts(draws),
        **columns,
        description=formatted("{}: {}", columns["cohort_type"], columns["name"]),
        splash_screen_url=chosen(of_partner, yes=splash),
        **stamps(start, len(COHORTS)),
    )


def discount_codes(draws: Draws, start: int) -> pl.DataFrame:
    """discount_codes with their chains."""
    size = len(CODES)
    cohort = np.array([COHORT_AT[c.cohort] if c.cohort else -1 for c in CODES])
    return frame_of(
        id=code_id_texts(draws),
        **told(CODES, "code", "product_type", "store_offer_id", "product_suffix", "parent_code"),
        cohort_id=listed(cohort_id_texts(draws).to_list(), cohort),
        lifespan_days=[LIFESPAN_DAYS] * size,
        expires_at=pl.Series([None] * size, dtype=pl.Datetime("us")),
        referrer_user_id=None,
        **stamps(start, size),
    )


def courses(draws: Draws, start: int) -> pl.DataFrame:
    """courses: the catalogue with its old list prices."""
    texts = [course_audio(c) for c in COURSES]
    codes, titles = [c.code for c in COURSES], [c.title for c in COURSES]
    return frame_of(
        id=draws.uuids("course", np.arange(len(COURSES), dtype=np.uint64)),
        course_code=codes,
        **told(COURSES, "title", "price"),
        description=[f"Self-hypnosis: {title}" for title in titles],
        currency="USD",
        audio=texts,
        icon=[f"icons/{code.lower()}.png" for code in codes],
        workbooks="[]",
        **file(texts),
        **stamps(start, len(COURSES)),
    )


def manifests(draws: Draws, start: int) -> dict[str, pl.DataFrame]:
    """master_manifests and manifest_cohorts."""
    names, contents, cohort_codes = map(list, zip(*manifest_texts(), strict=True))
    ids = draws.uuids("manifest", np.arange(len(names), dtype=np.uint64))
    places = [n for n, code in enumerate(cohort_codes) if code]
    of_cohort = pl.Series([COHORT_AT[cohort_codes[n]] for n in places])
    return {
        "master_manifests": frame_of(
            id=ids,
            file_name=names,
            content=contents,
            **file(contents),
            **stamps(start, len(names)),
        ),
        "manifest_cohorts": frame_of(
            id=draws.uuids("manifest cohort", np.array(places, dtype=np.uint64)),
            manifest_id=ids.gather(places),
            cohort_id=cohort_id_texts(draws).gather(of_cohort),
            created_at=instants(np.full(len(places), start)),
        ),
    }
