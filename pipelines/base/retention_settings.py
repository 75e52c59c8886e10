"""How long things are kept: publications by number, what is personal of closed accounts by days."""

from __future__ import annotations

import re

from models.errors import BadConfiguration


def kept_publications(text: str) -> int:
    """How many earlier publications stay."""
    if not re.fullmatch(r"\d{1,3}", text.strip()):
        raise BadConfiguration(
            f"HYPNOMART_KEEP is {text!r}; write how many earlier publications stay, 0 to 999."
        )
    return int(text)


def days_of_closed_accounts(text: str) -> int:
    """After how many a closed account is erased."""
    if not re.fullmatch(r"[0-9]{1,5}", text.strip()):
        raise BadConfiguration(
            f"HYPNOMART_CLOSED_ACCOUNT_DAYS is {text!r}; give whole days, such as 30."
        )
    return int(text)
