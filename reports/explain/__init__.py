"""Why a measure changed: parts that add up, and what was unlike the months before."""
