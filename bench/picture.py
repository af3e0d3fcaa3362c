"""Draw figures as bars in an SVG that is readable on light and dark pages."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

_WIDTH = 760
_LABEL_WIDTH = 230
_BAR_WIDTH = 430
_BAR = 18
_LINE = 24
_HEAD = 34
_STYLE = """
  text { font: 13px system-ui, sans-serif; fill: #24292f }
  .title { font-weight: 600; font-size: 14px }
  .ours { fill: #1a7f5a } .theirs { fill: #9aa4b2 }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3 } .ours { fill: #3fb68b } .theirs { fill: #59636e }
  }
"""


@dataclass(frozen=True)
class Bar:
    """One bar."""

    label: str
    value: float
    is_ours: bool


@dataclass(frozen=True)
class Panel:
    """The bars of one measurement, with their own scale."""

    title: str
    bars: Sequence[Bar]


def bar_chart(panels: Sequence[Panel]) -> str:
    """Return an SVG with the panels below each other."""
    top = 0
    shapes: list[str] = []
    for panel in panels:
        shapes.append(f'<text class="title" x="0" y="{top + 20}">{escape(panel.title)}</text>')
        top += _HEAD
        longest = max(bar.value for bar in panel.bars)
        for bar in panel.bars:
            shapes += _bar(bar, top, _BAR_WIDTH * bar.value / longest)
            top += _LINE
        top += 8
    size = f'width="{_WIDTH}" height="{top}" viewBox="0 0 {_WIDTH} {top}"'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" role="img" {size}>'
    return "\n".join([head, f"<style>{_STYLE}</style>", *shapes, "</svg>\n"])


def _bar(bar: Bar, top: int, width: float) -> list[str]:
    base = top + 14
    kind = "ours" if bar.is_ours else "theirs"
    size = f'width="{max(width, 1):.1f}" height="{_BAR}"'
    return [
        f'<text x="{_LABEL_WIDTH - 10}" y="{base}" text-anchor="end">{escape(bar.label)}</text>',
        f'<rect class="{kind}" x="{_LABEL_WIDTH}" y="{top}" {size} rx="2"/>',
        f'<text x="{_LABEL_WIDTH + width + 8:.1f}" y="{base}">{_shown(bar.value)}</text>',
    ]


def _shown(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"
