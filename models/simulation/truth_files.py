"""The truth as Parquet files in a folder of its own, which the pipeline never reads."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import polars as pl

from models.simulation import parameters
from models.simulation.catalogue import CODES
from models.simulation.engine.calendar import instants
from models.simulation.engine.columns import frame_of
from models.simulation.world import World


@dataclass
class TruthFiles:
    """Truth tables gathered batch by batch, written at the end."""

    gathered: dict[str, list[pl.DataFrame]] = field(default_factory=dict)

    def add(self, truth: dict[str, pl.DataFrame]) -> None:
        """Take a batch's truth."""
        for name, frame in truth.items():
            self.gathered.setdefault(name, []).append(frame)

    def write(self, folder: Path, world: World) -> None:
        """Write one file per subject; each appears whole, by rename."""
        folder.mkdir(parents=True, exist_ok=True)
        tables = {name: pl.concat(frames) for name, frames in self.gathered.items()}
        tables |= {"parameters": drawn_by(world), "discount_lifts": discount_lifts()}
        for name, frame in tables.items():
            partial = folder / f"{name}.parquet.partial"
            frame.write_parquet(partial)
            partial.replace(folder / f"{name}.parquet")


def drawn_by(world: World) -> pl.DataFrame:
    """One row per number by which the business was drawn."""
    values = {
        "users": float(len(world.people)),
        "seed": float(world.params.seed),
        "k_factor": parameters.K_FACTOR,
        "referral_delay_days": parameters.REFERRAL_DELAY_DAYS,
        "conversion_rate": parameters.CONVERSION,
        "referred_conversion_factor": parameters.REFERRED_FACTOR,
    }
    until = instants(np.full(len(values), world.until))
    return frame_of(name=list(values), value=list(values.values()), true_until_at=until)


def discount_lifts() -> pl.DataFrame:
    """One row per code: by what it multiplies the odds to buy, 1 where it does nothing."""
    return frame_of(
        discount_code=[code.code for code in CODES],
        product_type=[code.product_type for code in CODES],
        lift=[parameters.DISCOUNT_LIFT.get(code.code, 1.0) for code in CODES],
    )
