"""Charts as SVG text: pure functions of labels and numbers, coloured by the page's style sheet.

Every chart has a title and a description for readers of the screen, axis labels with units, and a
tooltip on every mark. None draws a wrong picture of few data: without a value it says so, a single
value is a single mark, and the axis always contains zero.
"""

from reports.charts.forest import Link, forest
from reports.charts.over_time import areas, bridge, columns, lines, sparkline
from reports.charts.panels import Panel, panels
from reports.charts.parts import bars, heat_map, waterfall

__all__ = (
    "Link", "Panel", "areas", "bars", "bridge", "columns", "forest", "heat_map", "lines", "panels",
    "sparkline", "waterfall",
)  # fmt: skip
