"""Who may do what with a row of the operational database, as its policies and grants have it."""

from __future__ import annotations

from typing import Literal, get_args

from models.tables import Command, Table

Role = Literal["anon", "authenticated", "service_role", "hypnomart_reader", "owner"]
ROLES: tuple[Role, ...] = get_args(Role)
COMMANDS: tuple[Command, ...] = get_args(Command)
UNBOUND = ("service_role", "owner")  # row-level security does not bind these


def may(table: Table, role: Role, *, command: Command, own: bool) -> bool:
    """Whether a role reaches a row by a command; `own`: the row belongs to the signed-in user."""
    if role in UNBOUND:
        return True
    if role == "hypnomart_reader":
        return command == "select"
    return role == "authenticated" and own and command in table.policies
