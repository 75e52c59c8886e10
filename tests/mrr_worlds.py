"""Small businesses for the causes of a change: who pays what from when on, written as the two marts
that the causes are derived from, and the same causes by brute force in fractions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import permutations
from uuid import UUID

import duckdb
import pyarrow as pa

from tests.compiled import new_working_file, run_models

MODELS = ("int_mrr_states", "int_mrr_references", "mrr_movement_causes")
START = datetime(2026, 1, 1)
CAUSES = ("customers", "plan_mix", "store_mix", "list_price", "discount")


@dataclass(frozen=True)
class State:
    """What a customer pays a month, and what the list says."""

    plan: str
    store: str
    paid: Decimal
    listed: Decimal


@dataclass(frozen=True)
class Step:
    """From `at` on, a user has a state, or none."""

    user: int
    at: datetime
    state: State | None


@dataclass(frozen=True)
class Moved:
    """One movement: a change of a user's MRR, with the states around it."""

    movement_id: str
    user: int
    at: datetime
    before: State | None
    after: State | None
    kind: str


def month_of(at: datetime) -> datetime:
    return at.replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def movements(steps: Sequence[Step]) -> list[Moved]:
    """Steps that change the MRR; a step at the very same MRR is none, by the marts' contract."""
    held: dict[int, State | None] = {}
    seen: set[int] = set()
    found = []
    for step in sorted(steps, key=lambda step: (step.user, step.at)):
        before = held.get(step.user)
        old, new = (state.paid if state else Decimal(0) for state in (before, step.state))
        if old == new:
            continue
        kind = (
            "churn" if step.state is None
            else "new" if step.user not in seen
            else "reactivation" if before is None
            else "expansion" if new > old else "contraction"
        )  # fmt: skip
        seen.add(step.user)
        held[step.user] = step.state
        name = f"{step.user}:{step.at}"
        found.append(Moved(name, step.user, step.at, before, step.state, kind))
    return found


def written(moved: Sequence[Moved], as_of: datetime) -> duckdb.DuckDBPyConnection:
    """A working file with the movements and their periods, and the causes derived from them."""
    con = new_working_file()
    con.execute("""
        create table intermediate.int_clock
            (as_of_at timestamp, as_of_month date, grace_days integer default 16)""")
    con.execute(
        "insert into intermediate.int_clock (as_of_at, as_of_month) values (?, ?)",
        [as_of, month_of(as_of)],
    )
    rows = [
        {
            "movement_id": one.movement_id,
            "user_id": str(UUID(int=one.user)),
            "movement_at": one.at,
            "movement_type": one.kind,
            "mrr_before_usd": one.before.paid if one.before else Decimal(0),
            "mrr_after_usd": one.after.paid if one.after else Decimal(0),
            "product_key": (one.after or one.before or State("", "", Decimal(0), Decimal(0))).plan,
            "store": (one.after or one.before or State("", "", Decimal(0), Decimal(0))).store,
            "period_id": one.movement_id,
            "contracted_mrr_usd": one.after.listed if one.after else None,
        }
        for one in moved
    ]
    money = pa.decimal128(18, 4)
    kinds = {"movement_at": pa.timestamp("us"), "mrr_before_usd": money, "mrr_after_usd": money,
             "contracted_mrr_usd": money}  # fmt: skip
    names = list(rows[0])
    schema = pa.schema([(name, kinds.get(name, pa.string())) for name in names])
    con.register("made", pa.Table.from_pylist(rows, schema=schema))
    con.execute("""
        create table intermediate.int_mrr_movements as
        select *, mrr_after_usd - mrr_before_usd as mrr_delta_usd,
            case when movement_type = 'churn' then 'voluntary' end as churn_reason from made;
        create view marts.fct_mrr_movements as
        select * exclude (contracted_mrr_usd) from intermediate.int_mrr_movements""")
    con.unregister("made")
    run_models(con, MODELS)
    return con


def stock(moved: Sequence[Moved], at: datetime) -> list[State]:
    """The states of those who are customers just before an instant."""
    held: dict[int, State | None] = {}
    for one in sorted(moved, key=lambda one: one.at):
        if one.at < at:
            held[one.user] = one.after
    return [state for state in held.values() if state]


Key = tuple[str, str]
Means = dict[Key, tuple[Fraction, Fraction, Fraction]]  # share, mean paid, mean listed


def means(states: Sequence[State]) -> Means:
    by: dict[Key, list[State]] = defaultdict(list)
    for state in states:
        by[(state.plan, state.store)].append(state)
    return {
        key: (
            Fraction(len(ones), len(states)),
            sum((Fraction(one.paid) for one in ones), Fraction(0)) / len(ones),
            sum((Fraction(one.listed) for one in ones), Fraction(0)) / len(ones),
        )
        for key, ones in by.items()
    }


def midway(opening: Means, closing: Means, entered: Means) -> Means:
    """What one of a plan and store counts for: shares, price paid and list price."""
    result: Means = {}
    for key in opening.keys() | closing.keys() | entered.keys():
        sides = [side[key] for side in (opening, closing) if key in side]
        shares = [side.get(key, (Fraction(0),))[0] for side in (opening, closing) if side]
        own = entered.get(key, (Fraction(0), Fraction(0), Fraction(0)))
        share = sum(shares, Fraction(0)) / len(shares) if shares else own[0]
        paid, listed = (
            sum((side[n] for side in sides), Fraction(0)) / len(sides) if sides else own[n]
            for n in (1, 2)
        )
        result[key] = (share, paid, listed)
    return result


def brute_force(moved: Sequence[Moved], month: datetime) -> dict[str, dict[str, Fraction]]:
    """The causes of each movement of a month: of each state before and after, the mean over all
    orders of its four players, plan, store, list price and discount."""
    end = month_of(month + timedelta(days=32))
    inside = [one for one in moved if month <= one.at < end]
    entered = means([one.after for one in inside if one.after])
    reference = midway(means(stock(moved, month)), means(stock(moved, end)), entered)
    return {one.movement_id: causes(one, reference) for one in inside}


def causes(moved: Moved, reference: Means) -> dict[str, Fraction]:
    """Who stays is compared with what they had, who comes or goes with one drawn from all."""
    if moved.before and moved.after:
        return shapley([(Fraction(1), moved.before)], moved.after, reference)
    state, sign = (moved.after, 1) if moved.after else (moved.before, -1)
    assert state
    drawn = [
        (share, State(plan, store, Decimal(0), Decimal(0)))
        for (plan, store), (share, _, _) in reference.items()
    ]
    parts = shapley(drawn, state, reference, is_average=True)
    return {cause: sign * amount for cause, amount in parts.items()}


def shapley(
    others: Sequence[tuple[Fraction, State]],
    state: State,
    reference: Means,
    *,
    is_average: bool = False,
) -> dict[str, Fraction]:
    """Over all orders in which plan, store, list price and discount turn from those of another, who
    is drawn by share, to the state's own. An average other pays what its plan and store do, and
    counts for the customer."""
    stores = {key[1] for key in reference}

    def above(one: State) -> tuple[Fraction, Fraction]:
        _, paid, listed = reference[(one.plan, one.store)]
        over = Fraction(one.listed) - listed
        return over, Fraction(one.paid) - paid - over

    def price(plan: str, store: str) -> Fraction:
        if (plan, store) in reference:
            return reference[(plan, store)][1]
        had = [(reference[(plan, s)][0], reference[(plan, s)][1]) for s in stores
               if (plan, s) in reference]  # fmt: skip
        weight = sum((share for share, _ in had), Fraction(0))
        if not weight:
            return sum((paid for _, paid in had), Fraction(0)) / len(had)
        return sum((share * paid for share, paid in had), Fraction(0)) / weight

    def value(own: frozenset[str]) -> Fraction:
        total = Fraction(0)
        for share, other in others:
            plan = state.plan if "plan_mix" in own else other.plan
            store = state.store if "store_mix" in own else other.store
            theirs = (Fraction(0), Fraction(0)) if is_average else above(other)
            listed = above(state)[0] if "list_price" in own else theirs[0]
            less = above(state)[1] if "discount" in own else theirs[1]
            total += share * (price(plan, store) + listed + less)
        return total

    players = CAUSES[1:]
    parts: dict[str, Fraction] = dict.fromkeys(players, Fraction(0))
    orders = list(permutations(players))
    for order in orders:
        own: frozenset[str] = frozenset()
        for player in order:
            parts[player] += (value(own | {player}) - value(own)) / len(orders)
            own |= {player}
    return {"customers": value(frozenset()) if is_average else Fraction(0), **parts}


def causes_of(con: duckdb.DuckDBPyConnection) -> Mapping[str, Mapping[str, Decimal]]:
    """The causes of each movement as the mart has them, `delta` its change of MRR."""
    columns = ", ".join(f"{cause}_usd" for cause in CAUSES)
    rows = con.execute(
        f"select movement_id, {columns}, mrr_delta_usd from marts.mrr_movement_causes"
    ).fetchall()
    return {name: dict(zip((*CAUSES, "delta"), rest, strict=True)) for name, *rest in rows}
