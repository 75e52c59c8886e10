"""What the business offers, the same for every seed: courses, cohorts, codes, manifests."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass

import numpy as np
import polars as pl

from models.simulation.engine.draws import Draws


@dataclass(frozen=True)
class Cohort:
    """A group of users; its code has seven characters and a leading I."""

    code: str
    name: str
    cohort_type: str


@dataclass(frozen=True)
class Code:
    """A discount code: the offer or product suffix that realises it, and the share it takes off."""

    code: str
    product_type: str
    cohort: str | None
    store_offer_id: str | None = None
    product_suffix: str | None = None
    parent_code: str | None = None


@dataclass(frozen=True)
class Course:
    """A ready-made course with the titles of its tracks."""

    code: str
    title: str
    tracks: int
    price: str


ARMS = (
    Cohort("IAACTRL", "Welcome offer: none", "ab_test"),
    Cohort("IABCDEF", "Welcome offer: half price", "ab_test"),
    Cohort("IP3WWYK", "Welcome offer: a third off", "ab_test"),
)
INSTITUTIONS = (
    Cohort("ICLINIC", "Harbour Clinic", "institution"),
    Cohort("IUNIVER", "Northfield University", "institution"),
    Cohort("ISLEEP1", "Sleep Foundation", "institution"),
    Cohort("IHOSPI2", "Hospital del Mar Norte", "institution"),
)
PARTNERS = tuple(
    Cohort(code, f"Partner {code[1:]}", "partner")
    for code in ("IK7MP3X", "IZEN42A", "IMINDF1", "IYOGA99", "IRELAX7", "ICALM03", "IFOCUS8")
)
COHORTS = ARMS + INSTITUTIONS + PARTNERS
COHORT_AT = {cohort.code: place for place, cohort in enumerate(COHORTS)}
CODES = (
    Code("SBF02", "subscription", "IABCDEF", store_offer_id="a-1"),
    Code("SBF03", "subscription", "IP3WWYK", store_offer_id="a-2"),
    Code("AID50", "ai_credits", "IABCDEF", product_suffix="x2"),
    Code("AID60", "ai_credits", "IABCDEF", product_suffix="x3", parent_code="AID50"),
    Code("CCF02", "custom_audio", None, product_suffix="c1"),
    *(
        Code(f"CCF0{n}", "custom_audio", None, None, f"c{n - 1}", parent_code=f"CCF0{n - 1}")
        for n in range(3, 9)
    ),
)
CODE_AT = {code.code: place for place, code in enumerate(CODES)}
COURSES = (
    Course("C99ENB", "Intro to Hypnosis", 3, "0.00"),
    Course("H01ENB", "Moderation or Abstinence", 8, "20.00"),
    Course("H02ENB", "Quit Smoking and Vaping", 8, "20.00"),
    Course("P01ENB", "Stop Doom Scrolling", 6, "20.00"),
    Course("S01ENB", "Healthy Food Relationship", 8, "20.00"),
    Course("S02ENB", "Restorative Sleep", 7, "20.00"),
    Course("E01ENB", "Shadow Work", 6, "20.00"),
    Course("X99ENB", "Custom Audio", 1, "8.95"),
)
COURSE_AT = {course.code: place for place, course in enumerate(COURSES)}


def file_text(document: object) -> str:
    """JSON as the app's files are written: four blanks of indent and CRLF."""
    return json.dumps(document, indent=4, ensure_ascii=False).replace("\n", "\r\n")


def md5(text: str) -> str:
    """The digest that the sync compares, of the exact bytes."""
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def course_audio(course: Course) -> str:
    """The sound files of a course as its JSON."""
    files = [
        {"number": str(n + 1), "title": f"{course.title} {n + 1}", "seconds": 600 + 90 * n}
        for n in range(course.tracks)
    ]
    return file_text({"audio_files": files})


def manifest_texts() -> list[tuple[str, str, str | None]]:
    """(file name, content, cohort code or None for everyone) of every manifest variant."""
    shop = [{"course_code": c.code, "title": c.title, "price": c.price} for c in COURSES]
    everyone = [
        ("ads.json", {"ads": [{"id": "spring", "text": "Breathe in"}]}),
        ("background.json", {"backgrounds": ["None", "Rain", "Ocean", "Forest"]}),
        ("core_segments.json", {"inductions": ["Randomize", "Stairs", "Eyes"]}),
        ("FAQs.json", {"faqs": [{"q": "What is hypnosis?", "a": "Focused attention."}]}),
        ("shop.json", {"courses": shop}),
    ]
    texts: list[tuple[str, str, str | None]] = [(n, file_text(d), None) for n, d in everyone]
    for cohort in (*ARMS[1:], *INSTITUTIONS, *PARTNERS[:2]):
        document = {"ads": [{"id": cohort.code, "text": f"For {cohort.name}"}]}
        texts.append(("ads.json", file_text(document), cohort.code))
    return texts


def cohort_id_texts(draws: Draws) -> pl.Series:
    """The ids of catalogue.COHORTS, in their order."""
    return draws.uuids("cohort", np.arange(len(COHORTS), dtype=np.uint64))


def code_id_texts(draws: Draws) -> pl.Series:
    """The ids of catalogue.CODES, in their order."""
    return draws.uuids("discount code", np.arange(len(CODES), dtype=np.uint64))
