"""Faults that the simulator plants on purpose: each kind named, counted and switchable."""

from models.simulation.faults.plot import KINDS, TYPICAL, UNSEEN
from models.simulation.faults.registry import plant_faults

__all__ = ["KINDS", "TYPICAL", "UNSEEN", "plant_faults"]
