"""A simulated business whose truth is known, written as the app would write it."""

from models.simulation.run import advance, simulate

__all__ = ["advance", "simulate"]
