"""Rows of the catalogue tables, the same on every day."""

from __future__ import annotations

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
from models.simulation.engine.columns import constant
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


def stamps(start: int, size: int) -> dict[str, pl.Series]:
    """created_at and updated_at on the first day."""
    at = instants(np.full(size, start))
    return {"created_at": at, "updated_at": at}


def cohorts(draws: Draws, start: int) -> pl.DataFrame:
    """cohorts: experiment arms, institutions, partners."""
    return pl.DataFrame(
        {
            "id": cohort_id_texts(draws),
            "code": [c.code for c in COHORTS],
            "name": [c.name for c in COHORTS],
            "cohort_type": [c.cohort_type for c in COHORTS],
            "description": [f"{c.cohort_type}: {c.name}" for c in COHORTS],
            "splash_screen_url": [
                f"https://example.org/splash/{c.code}" if c.cohort_type == "partner" else None
                for c in COHORTS
            ],
            **stamps(start, len(COHORTS)),
        }
    )


def discount_codes(draws: Draws, start: int) -> pl.DataFrame:
    """discount_codes with their chains."""
    size = len(CODES)
    ids = cohort_id_texts(draws).to_list()
    return pl.DataFrame(
        {
            "id": code_id_texts(draws),
            "code": [c.code for c in CODES],
            "product_type": [c.product_type for c in CODES],
            "cohort_id": [ids[COHORT_AT[c.cohort]] if c.cohort else None for c in CODES],
            "lifespan_days": [LIFESPAN_DAYS] * size,
            "expires_at": pl.Series([None] * size, dtype=pl.Datetime("us")),
            "store_offer_id": [c.store_offer_id for c in CODES],
            "product_suffix": [c.product_suffix for c in CODES],
            "parent_code": [c.parent_code for c in CODES],
            "referrer_user_id": constant(None, size),
            **stamps(start, size),
        }
    )


def courses(draws: Draws, start: int) -> pl.DataFrame:
    """courses: the catalogue with its old list prices."""
    texts = [course_audio(c) for c in COURSES]
    return pl.DataFrame(
        {
            "id": draws.uuids("course", np.arange(len(COURSES), dtype=np.uint64)),
            "course_code": [c.code for c in COURSES],
            "title": [c.title for c in COURSES],
            "description": [f"Self-hypnosis: {c.title}" for c in COURSES],
            "price": [c.price for c in COURSES],
            "currency": ["USD"] * len(COURSES),
            "audio": texts,
            "icon": [f"icons/{c.code.lower()}.png" for c in COURSES],
            "workbooks": ["[]"] * len(COURSES),
            "checksum": [md5(text) for text in texts],
            "file_size_bytes": [len(text.encode()) for text in texts],
            **stamps(start, len(COURSES)),
        }
    )


def manifests(draws: Draws, start: int) -> dict[str, pl.DataFrame]:
    """master_manifests and manifest_cohorts."""
    texts = manifest_texts()
    ids = draws.uuids("manifest", np.arange(len(texts), dtype=np.uint64))
    at_cohort = cohort_id_texts(draws).to_list()
    targets = [(n, COHORT_AT[cohort]) for n, (_, _, cohort) in enumerate(texts) if cohort]
    places = np.array([n for n, _ in targets], dtype=np.uint64)
    return {
        "master_manifests": pl.DataFrame(
            {
                "id": ids,
                "file_name": [name for name, _, _ in texts],
                "content": [text for _, text, _ in texts],
                "checksum": [md5(text) for _, text, _ in texts],
                "file_size_bytes": [len(text.encode()) for _, text, _ in texts],
                **stamps(start, len(texts)),
            }
        ),
        "manifest_cohorts": pl.DataFrame(
            {
                "id": draws.uuids("manifest cohort", places),
                "manifest_id": [ids[int(n)] for n, _ in targets],
                "cohort_id": [at_cohort[cohort] for _, cohort in targets],
                "created_at": instants(np.full(len(targets), start)),
            }
        ),
    }
