"""The steps of a run and what stands beside them."""
