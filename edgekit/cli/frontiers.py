"""Memory against time, as a table."""

from __future__ import annotations

from rich.table import Table

from edgekit.artifacts import Frontier
from edgekit.cli.tables import table
from edgekit.units import format_bytes, format_duration, format_grouped


def frontier(found: Frontier) -> Table:
    """One row per plan: what it takes, and how much slower it is than the default."""
    made = table(
        f"RAM against time on {found.board}, {found.source}",
        "RAM", "of it arena", "rows rolled", "calls", "moved", "counted", "slower", "latency",
        right=8,
    )  # fmt: skip
    first = found.points[0].counted
    for point in found.points:
        counted = point.counted
        made.add_row(
            format_bytes(point.ram_bytes),
            format_grouped(point.arena_bytes),
            f"{point.rolled_layers} layers",
            str(point.kernel_calls),
            format_bytes(point.moved_bytes),
            format_grouped(counted),
            f"{100 * (counted / first - 1):+.1f} %",
            format_duration(point.latency_us / 1e6) if point.latency_us is not None else "–",
        )
    made.caption = (
        f"{'cycles' if found.points[0].cycles else 'instructions'} per inference, "
        f"{found.compiler}; no row is computed twice"
        + ("; the first, the default, is beaten by a smaller one" * found.default_is_beaten)
    )
    return made
