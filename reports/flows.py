"""What moves MRR, in the order in which a bridge leads from its opening to its closing."""

FLOWS = ("new", "reactivation", "expansion", "contraction", "churn")
