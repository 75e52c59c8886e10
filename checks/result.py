"""What a check says: one result for each check of a run, and whether the run may be published."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Literal

Severity = Literal["error", "warn"]
Status = Literal["passed", "failed", "broken"]

# How many offending keys a result shows; quality_findings holds all.
EVIDENCE = 20


@dataclass(frozen=True)
class CheckResult:
    """One check of one run; key: check_name.

    `asset` is the table it is about, as an asset's path: raw/<table>, marts/<mart>.
    `status` broken: the check itself could not run, which counts as its severity.
    `evidence`: up to 20 offending keys (`table:id`, or a row in words), nothing personal;
    `failing_keys`: the same with commas between. `content_id`: the word of what the check saw.
    `money_at_stake_usd`: what the failing rows say was paid; null where no money is meant.
    """

    check_name: str
    suite: str
    area: str
    asset: str
    severity: Severity
    status: Status
    observed_value: str
    expected: str
    failing_rows: int
    checked_at: datetime
    evidence: tuple[str, ...] = ()
    money_at_stake_usd: Decimal | None = None
    failing_keys: str = ""
    content_id: str = ""


@dataclass(frozen=True)
class DbtResult:
    """What a data test of dbt last said: `status` in dbt's words, and the content that it saw."""

    name: str
    expected: str
    area: str
    asset: str
    severity: Severity
    status: str
    failing_rows: int
    failing_keys: str
    content_id: str


@dataclass(frozen=True)
class Outcome:
    """What a rule found, before it becomes a result: status, numbers, evidence."""

    status: Status
    observed_value: str
    failing_rows: int = 0
    evidence: tuple[str, ...] = ()
    money_at_stake_usd: Decimal | None = None


def listed(evidence: Iterable[str]) -> str:
    """Offending keys with commas between, and none within."""
    return ",".join(key.replace(",", ";") for key in evidence)


def has_errors(results: Iterable[CheckResult]) -> bool:
    """Whether a check of severity error did not pass: then nothing may be published."""
    return any(result.severity == "error" and result.status != "passed" for result in results)


def broken(error: Exception) -> Outcome:
    """The outcome of a check that could not run, with the first line of the reason."""
    return Outcome("broken", (str(error).strip() or type(error).__name__).split("\n")[0][:300])
