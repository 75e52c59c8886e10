"""`hypnomart erase`: a person's way out of the files."""

from __future__ import annotations

import uuid
from typing import Annotated

import typer

from models.errors import BadConfiguration
from pipelines.cli.terminal import say, tell
from pipelines.cli.writing import writing


def erase(user_id: Annotated[str, typer.Argument(help="The account's UUID.")]) -> None:
    """Put random words in place of a person and publish anew.

    Sums stay. Delete the person at the source as well; until then they are read under these words.

    Example: hypnomart erase 5f0c1d3e-8a52-4f0e-9d3b-2f6f6f6b7a10
    """
    try:
        person = uuid.UUID(user_id)
    except ValueError as error:
        raise BadConfiguration(f"{user_id!r} is not a UUID.") from error
    with writing() as settings:
        from pipelines.run.republish import erase_and_republish

        erase_and_republish(settings, person, progress=say)
    tell("Erased and published anew.")
