"""Writes Grafana's dashboards, roles/grafana/files/*.json, from the short descriptions in ``dashboard_panels.py``.

    python tools/dashboards.py            write them
    python tools/dashboards.py --check    fail when one is not current

Made with Grafana's own foundation SDK of the version the toolkit installs.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from dashboard_panels import DASHBOARDS, Board, Line, Number, Panel, Row, Rows, Variable
from grafana_foundation_sdk.builders import common, dashboard, prometheus, stat, table, timeseries
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models.common import (
    BigValueColorMode,
    BigValueGraphMode,
    LegendDisplayMode,
    LegendPlacement,
    SortOrder,
    StackingMode,
    TooltipDisplayMode,
)
from grafana_foundation_sdk.models.dashboard import (
    DashboardCursorSync,
    DashboardLinkType,
    DataSourceRef,
    DataTransformerConfig,
    DynamicConfigValue,
    FieldColorModeId,
    GridPos,
    Threshold,
    ThresholdsMode,
    VariableOption,
    VariableRefresh,
)
from grafana_foundation_sdk.models.prometheus import PromQueryFormat

FILES = Path(__file__).resolve().parents[1] / "roles/grafana/files"
SOURCE = DataSourceRef(type_val="prometheus", uid="${datasource}")
WIDTH = 24
# What the SDK writes of every variable, and Grafana knows of one with intervals alone.
OF_INTERVALS = ("auto", "auto_count", "auto_min")


def targets(panel: Panel) -> list[Any]:
    """Return the queries of a panel, named A, B and so on."""
    found = []
    for number, (expr, legend) in enumerate(panel.queries):
        query = prometheus.Dataquery().expr(expr).legend_format(legend).ref_id(chr(ord("A") + number)).datasource(SOURCE)
        found.append(query.range() if isinstance(panel, Line) else query.instant())
        if isinstance(panel, Rows):
            found[-1].format(PromQueryFormat.TABLE)
    return found


def thresholds(panel: Number) -> dashboard.ThresholdsConfig:
    """Return the colours of a number: green, and from a value on another one."""
    if panel.red_below is not None:
        steps = [Threshold(value=None, color="red"), Threshold(value=panel.red_below, color="green")]
    else:
        limits = ((None, "green"), (panel.orange_from, "orange"), (panel.red_from, "red"))
        steps = [Threshold(value=value, color=color) for value, color in limits if value is not None or color == "green"]
    return dashboard.ThresholdsConfig().mode(ThresholdsMode.ABSOLUTE).steps(steps)


def build(panel: Panel, number: int, place: GridPos) -> Any:
    """Return the SDK's builder of one panel."""
    if isinstance(panel, Number):
        made = _number(panel)
    elif isinstance(panel, Rows):
        made = _rows(panel)
    else:
        assert isinstance(panel, Line)
        made = _line(panel)
    made = made.id(number).title(panel.title).description(panel.description).unit(panel.unit).datasource(SOURCE)
    return made.grid_pos(place).targets(targets(panel))


def _number(panel: Number) -> Any:
    colored = any((panel.red_from, panel.orange_from, panel.red_below))
    return (
        stat.Panel()
        .color_mode(BigValueColorMode.BACKGROUND if colored else BigValueColorMode.VALUE)
        .graph_mode(BigValueGraphMode.NONE)
        .thresholds(thresholds(panel))
        .reduce_options(common.ReduceDataOptions().calcs(["lastNotNull"]))
    )


def _rows(panel: Rows) -> Any:
    made = table.Panel().with_transformation(
        DataTransformerConfig(
            id_val="organize",
            options={"excludeByName": {"Time": True, **dict.fromkeys(panel.hidden, True)}, "renameByName": dict(panel.names)},
        )
    )
    for name, unit in panel.units.items():
        made = made.override_by_name(name, [DynamicConfigValue(id_val="unit", value=unit)])
    return made


def _line(panel: Line) -> Any:
    legend = common.VizLegendOptions().display_mode(LegendDisplayMode.TABLE).placement(LegendPlacement.BOTTOM)
    made = (
        timeseries.Panel()
        .fill_opacity(12 if panel.stacked else 0)
        .line_width(1)
        .legend(legend.show_legend(True).calcs(["lastNotNull", "max"]))
        .tooltip(common.VizTooltipOptions().mode(TooltipDisplayMode.MULTI).sort(SortOrder.DESCENDING))
        .color_scheme(dashboard.FieldColor().mode(FieldColorModeId.PALETTE_CLASSIC))
    )
    if panel.least is not None:
        made = made.min(panel.least)
    if panel.most is not None:
        made = made.max(panel.most)
    if panel.stacked:
        made = made.stacking(common.StackingConfig().mode(StackingMode.NORMAL))
    return made


def variable(found: Variable) -> Any:
    """Return a choice at the top of a dashboard; all values are chosen at first."""
    everything = VariableOption(selected=True, text="All", value="$__all")
    return (
        dashboard.QueryVariable(found.name)
        .label(found.label)
        .query(f"label_values({found.metric}, {found.name})")
        .datasource(SOURCE)
        .refresh(VariableRefresh.ON_TIME_RANGE_CHANGED)
        .include_all(True)
        .all_value(".*")
        .multi(True)
        .current(everything)
    )


def board(found: Board) -> dict[str, Any]:
    """Return a dashboard as Grafana reads it."""
    made = (
        dashboard.Dashboard(found.title)
        .uid(f"kafka-estate-{found.name}")
        .description(found.description)
        .tags(["kafka-estate"])
        .readonly()
        .refresh("30s")
        .time("now-1h", "now")
        .timezone("browser")
        .tooltip(DashboardCursorSync.CROSSHAIR)
        .link(
            dashboard.DashboardLink("Kafka estate")
            .type(DashboardLinkType.DASHBOARDS)
            .tags(["kafka-estate"])
            .as_dropdown(True)
            .keep_time(True)
        )
        .with_variable(dashboard.DatasourceVariable("datasource").label("Data source").type("prometheus"))
    )
    for one in found.variables:
        made = made.with_variable(variable(one))
    x = y = height = 0
    for number, part in enumerate(found.parts, 1):
        if isinstance(part, Row):
            y, x = y + height, 0
            made = made.with_row(dashboard.Row(part.title).id(number).grid_pos(GridPos(h=1, w=WIDTH, x=0, y=y)))
            y, height = y + 1, 0
            continue
        if x + part.width > WIDTH:
            y, x, height = y + height, 0, 0
        made = made.with_panel(build(part, number, GridPos(h=part.height, w=part.width, x=x, y=y)))
        x, height = x + part.width, max(height, part.height)
    text = json.dumps(made.build(), cls=JSONEncoder, sort_keys=True)
    result: dict[str, Any] = json.loads(text)
    for one in result["templating"]["list"]:
        for name in OF_INTERVALS:
            one.pop(name, None)
    return result


def generate() -> dict[Path, str]:
    """Return path and text of every dashboard."""
    return {FILES / f"{one.name}.json": json.dumps(board(one), indent=1, sort_keys=True) + "\n" for one in DASHBOARDS}


def main() -> int:
    stale = [path for path, text in generate().items() if not path.is_file() or path.read_text() != text]
    if "--check" in sys.argv[1:]:
        for path in stale:
            print(f"{path.name} is not current: run python tools/dashboards.py")
        return 1 if stale else 0
    for path, text in generate().items():
        path.write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
