"""Which source columns a mart's column is made of: small queries, each told by hand."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from pipelines.transform.lineage import table
from pipelines.transform.lineage.branches import MOST_BRANCHES
from pipelines.transform.lineage.trace import lineage_rows

SCHEMA = {
    "raw": {"packs": ["id", "user_id", "price", "status"], "users": ["id", "country", "_seen_at"]},
    "meta": {"run_manifest": ["as_of_at"]},
    "staging": {"stg_packs": ["pack_id", "user_id", "price_usd", "is_sale"]},
}
STAGING = """
    select id as pack_id, user_id, price as price_usd, status = 'sold' as is_sale from raw.packs"""

UNION = """
    with u as (select 'pack' as kind, id, price as amount from raw.packs union all
        select 'user', id, country from raw.users)"""


def sources(sql: str) -> dict[str, set[str]]:
    """The sources of each column of mart m, which may read staging.stg_packs."""
    compiled = {"staging.stg_packs": STAGING, "marts.m": sql}
    found: dict[str, set[str]] = {}
    for row in lineage_rows(compiled, ["marts.m"], schema=SCHEMA):
        assert row.mart == "m"
        found.setdefault(row.column_name, set()).add(f"{row.source_table}.{row.source_column}")
    return found


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        # Through a model, a star, a join: the join's own columns give no value.
        (
            "with p as (select * from staging.stg_packs), final as (select users.country,"
            " p.price_usd from p inner join raw.users as users on p.user_id = users.id)"
            " select * from final",
            {"country": {"users.country"}, "price_usd": {"packs.price"}},
        ),
        # A union goes by place, and adds up.
        (
            "with u as (select id as key from raw.packs union all select country from raw.users)"
            " select key from u",
            {"key": {"packs.id", "users.country"}},
        ),
        # A case is made of its values; where it has none, of what decides it.
        (
            "select case when is_sale then price_usd else 0 end as sold_usd,"
            " case when is_sale then 'yes' else 'no' end as answer from staging.stg_packs",
            {"sold_usd": {"packs.price"}, "answer": {"packs.status"}},
        ),
        # Rows that are counted, or only numbered by their order.
        (
            "select count(*) as packs, count(distinct user_id) as users from staging.stg_packs",
            {"packs": {"packs.*"}, "users": {"packs.user_id"}},
        ),
        (
            "select sum(price_usd) over (partition by user_id order by pack_id) as so_far,"
            " row_number() over (order by pack_id) as place from staging.stg_packs",
            {"so_far": {"packs.price"}, "place": {"packs.id"}},
        ),
        (
            "with moments as (select 'sold' as moment from staging.stg_packs union all"
            " select 'joined' from raw.users) select count(case moment when 'sold' then 1 end)"
            " as sold from moments",
            {"sold": {"packs.*"}},
        ),
        # Who reads the rows that carry one word has nothing from those that carry another.
        (
            f"{UNION} select amount from u where kind = 'pack'",
            {"amount": {"packs.price"}},
        ),
        (
            f"{UNION} select amount from u where not (kind = 'pack' or amount is null)",
            {"amount": {"users.country"}},
        ),
        (
            f"{UNION} select kind, sum(amount) filter (where kind in ('pack', 'gift')) as packs,"
            " sum(case when kind = 'user' then 0 else amount end) as others,"
            " count(case when kind = 'user' then 1 end) as users from u group by kind",
            {"packs": {"packs.price"}, "others": {"packs.price"}, "users": {"users.*"}},
        ),
        (
            f"{UNION} select p.amount from raw.users as o inner join u as p"
            " on o.id = p.id and p.kind = 'user'",
            {"amount": {"users.country"}},
        ),
        # A word that a case hands on; one of which the rows are not known keeps all.
        (
            f"{UNION}, n as (select case when kind = 'pack' and id = 1 then 'x' when kind = 'user'"
            " then 'person' else 'thing' end as name, amount from u)"
            " select amount from n where name = 'thing'",
            {"amount": {"packs.price"}},
        ),
        (
            f"{UNION} select amount from u where lower(kind) = 'pack' or id is null",
            {"amount": {"packs.price", "users.country"}},
        ),
        # An outer join keeps the row; a window sees the rows of all.
        (
            f"{UNION} select u.amount from u left join raw.users as o"
            " on o.id = u.id and u.kind = 'user'",
            {"amount": {"packs.price", "users.country"}},
        ),
        (
            f"{UNION}, w as (select kind, sum(amount) over () as total from u)"
            " select total from w where kind = 'pack'",
            {"total": {"packs.price", "users.country"}},
        ),
        # A recursion is told from where it starts and what it takes in.
        (
            "with recursive walk as (select id, country from raw.users union all"
            " select packs.id, walk.country from walk join raw.packs as packs"
            " on packs.user_id = walk.id) select id, country from walk",
            {"id": {"users.id", "packs.id"}, "country": {"users.country"}},
        ),
        # The pipeline's own columns and tables are no source; nor is a constant.
        (
            "select u._seen_at, r.as_of_at, 7 as days, u.id from raw.users as u"
            " cross join meta.run_manifest as r",
            {"id": {"users.id"}},
        ),
    ],
)
def test_columns_are_followed_to_their_sources(sql: str, expected: dict[str, set[str]]) -> None:
    assert sources(sql) == expected


def test_parts_too_many_to_tell_apart_are_one() -> None:
    parts = " union all ".join(
        f"select '{n}' as kind, {'id' if n % 2 else 'price'} as key from raw.packs"
        for n in range(MOST_BRANCHES + 1)
    )
    few = " union all ".join(parts.split(" union all ")[1:])
    assert sources(f"select key from ({parts}) as u where kind = '1'") == {
        "key": {"packs.id", "packs.price"}
    }
    assert sources(f"select key from ({few}) as u where kind = '1'") == {"key": {"packs.id"}}


@pytest.mark.parametrize("left", ["[]", "{}", "[[1]]", "{", ""])
def test_a_damaged_kept_trace_is_made_anew(tmp_path: Path, left: str) -> None:
    with duckdb.connect() as con:
        con.execute("create schema marts; create schema raw")
        con.execute("create table raw.t (a bigint); create table marts.m as from raw.t")
        con.execute("create table marts.lineage (mart text, column_name text, "
                    "source_table text, source_column text)")  # fmt: skip
        table.ensure_table(con)
        for text in (None, left):
            for path in tmp_path.glob("lineage-*.json"):
                path.write_text(str(text))
            con.execute("delete from meta.lineage")
            found = {"marts.m": "select a from raw.t"}
            assert table.refresh(con, found, relations=["raw.t", "marts.m"], kept=tmp_path)
            assert con.execute("from marts.lineage").fetchall() == [("m", "a", "t", "a")]
