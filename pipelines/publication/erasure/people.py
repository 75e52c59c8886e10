"""Whom an erasure is about: every id of a person, and who closed the account long enough ago."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import duckdb

GONE = """
    select distinct user_id from past.user_profile
    where _op = 'delete' and user_id not in (select user_id from raw.user_profile)
    and user_id not in (select user_id from meta.erased)
"""
# Each of $people with every id of the same person: profiles that had the same time of creation and,
# at any time, the same code (stg_rekeyed_users).
SAME_PERSON = """
    with recursive profiles as (
        select user_id, created_at, lower(trim(referral_code)) as code from raw.user_profile
        union
        select user_id, created_at, lower(trim(referral_code)) from past.user_profile
    ),
    same as (
        select person as user_id, person as other_id from unnest($people::uuid[]) as t(person)
        union
        select same.user_id, theirs.user_id
        from same
        inner join profiles as mine on same.other_id = mine.user_id
        inner join profiles as theirs
            on mine.created_at = theirs.created_at and mine.code = theirs.code and mine.code <> ''
    )
"""
# A person one of whose profiles stands has not closed the account; else the last one to go counts.
CLOSED = f"""
    {SAME_PERSON}
    select same.user_id
    from same
    left join raw.user_profile as standing on same.other_id = standing.user_id
    left join past.user_profile as gone on same.other_id = gone.user_id and gone._op = 'delete'
    group by same.user_id
    having count(standing.user_id) = 0 and max(gone._seen_at) <= $latest
    order by same.user_id
"""


def ids_of(con: duckdb.DuckDBPyConnection, person: UUID) -> list[UUID]:
    """All ids under which a person stands or stood."""
    found = con.execute(f"{SAME_PERSON} select other_id from same", {"people": [person]})
    return [other for (other,) in found.fetchall()]


def closed_before(con: duckdb.DuckDBPyConnection, latest: datetime) -> list[UUID]:
    """Everybody whose account was closed until then, and who is not erased."""
    gone = [person for (person,) in con.execute(GONE).fetchall()]
    people = con.execute(CLOSED, {"latest": latest, "people": gone}).fetchall() if gone else []
    return [person for (person,) in people]
