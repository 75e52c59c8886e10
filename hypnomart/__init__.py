"""The published marts in Python and notebooks: `import hypnomart; marts = hypnomart.open()`."""

from hypnomart.marts import Marts, open
from models.errors import HypnomartError

__all__ = ["HypnomartError", "Marts", "open"]
