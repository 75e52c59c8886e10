"""HYPNOMART_VARS: the variables of the dbt project that a business sets for itself."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import yaml

from models.errors import BadConfiguration

PROJECT_FILE = Path(__file__).resolve().parents[2] / "dbt_project" / "dbt_project.yml"
# What a variable may be: the least and the greatest value; a year of minutes, ten years of days.
VARIABLE_RANGES: dict[str, tuple[float, float]] = {
    "grace_days": (0, 3_650),
    "movement_window_minutes": (0, 525_600),
    "tax_rate": (0, 1),
    "referral_reward_usd": (0, 10_000),
    "partner_payout_usd": (0, 10_000),
    "referral_window_days": (1, 3_650),
    "annual_discount_rate": (0, 1),
    "absurd_price_factor": (2, 10_000),
    "period_length_factor": (1, 100),
    "most_quantity": (1, 1_000),
    "receipt_fault_share": (0, 0.5),  # above half in doubt, nothing is a figure
    "receipts_for_a_share": (1, 10_000),
    "pending_days": (0, 3_650),
    "placeholder_days": (0, 3_650),
    "overshoot_credits": (0, 1_000_000),
    "premium_weekly_credits": (0, 1_000_000),
    "reset_overdue_days": (0, 3_650),
    "clock_ahead_minutes": (0, 525_600),
    "same_event_minutes": (0, 525_600),
    "rates_end_days": (0, 3_650),
    "fresh_hours": (1, 87_600),
}
WHOLE = ("_days", "_minutes", "_hours", "_quantity", "_credits", "_for_a_share")
# These may also be a mapping of first days to values.
DATED_VARIABLES = ("tax_rate", "fee_program")


def dbt_vars(text: str | None) -> dict[str, Any]:
    """The variables that are set, each of them one that the project knows. Raises BadConfiguration
    that names the variable."""
    if text is None:
        return {}
    try:
        variables = json.loads(text)
    except json.JSONDecodeError as error:
        raise BadConfiguration(f"HYPNOMART_VARS is not JSON: {error}.") from error
    if not isinstance(variables, dict):
        raise BadConfiguration('HYPNOMART_VARS must be a JSON object, such as {"grace_days": 3}.')
    known = yaml.safe_load(PROJECT_FILE.read_text("utf-8"))["vars"]
    # dbt takes any name without a word, and a misspelt one would leave the default standing
    if unknown := sorted(set(variables) - set(known)):
        raise BadConfiguration(
            f"HYPNOMART_VARS sets {', '.join(unknown)}, which nothing reads; "
            f"the variables are {', '.join(sorted(known))}."
        )
    for name, value in variables.items():
        _check_variable(name, value)
    return variables


def _check_variable(name: str, value: Any) -> None:
    """Raise BadConfiguration for a value that the SQL could not use or that makes no sense."""
    values = [value]
    if name in DATED_VARIABLES and isinstance(value, dict):
        values = list(value.values())
        for day in value:
            if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", str(day)):
                raise BadConfiguration(
                    f"HYPNOMART_VARS: {name} has the day {day!r}; write it as 2026-07-01."
                )
    for one in values:
        if name == "fee_program":
            if not isinstance(one, str) or not re.fullmatch(r"[a-z][a-z_]*", one):
                raise BadConfiguration(
                    f"HYPNOMART_VARS: {name} is {one!r}; name a program of store_fees.csv."
                )
            continue
        lowest, highest = VARIABLE_RANGES[name]
        is_whole = name.endswith(WHOLE)
        kinds = int if is_whole else (int, float)
        if isinstance(one, bool) or not isinstance(one, kinds) or not lowest <= one <= highest:
            raise BadConfiguration(
                f"HYPNOMART_VARS: {name} is {one!r}; use a {'whole ' if is_whole else ''}number "
                f"from {lowest} to {highest}."
            )
