"""Draws docs/packages.svg: the packages by layer, and what only one or two of them import.

Both come from import-linter's contracts in pyproject.toml, which `make test` checks. To draw it
anew: python -m tools.packages_picture
"""

import tomllib
from pathlib import Path
from textwrap import wrap
from typing import Any

ROOT = Path(__file__).parents[1]
FILE = ROOT / "docs" / "packages.svg"

_WIDTH, _MARGIN, _GAP = 960, 20, 14
_NAME, _LINE, _LETTER = 26, 16, 6.6  # pixels: the name's line, another line, a letter in it
_SHARED_BY = 2
"""What more packages than so many import is not shown."""


def drawn(pyproject: str) -> str:
    """The picture, as SVG."""
    contracts = tomllib.loads(pyproject)["tool"]["importlinter"]["contracts"]
    layers = layers_of(contracts)
    vendors = vendors_of(contracts)
    parts, top = list[str](), _MARGIN
    for layer in layers:
        width = (_WIDTH - 2 * _MARGIN - _GAP * (len(layer) - 1)) / len(layer)
        texts = [wrap(", ".join(vendors[name]), int((width - 20) / _LETTER)) for name in layer]
        height = _NAME + _LINE * max(map(len, texts)) + 16
        for n, (name, lines) in enumerate(zip(layer, texts, strict=True)):
            left = _MARGIN + n * (width + _GAP)
            parts += _box(name, lines, left, top, width, height)
        top += height + _GAP
    return "\n".join([*_head(layers, top - _GAP + _MARGIN), *parts, "</svg>", ""])


def layers_of(contracts: list[dict[str, Any]]) -> list[list[str]]:
    """The names of the packages, the highest layer first."""
    [found] = [each for each in contracts if each["type"] == "layers"]
    return [sorted(layer.replace("|", " ").split()) for layer in found["layers"]]


def vendors_of(contracts: list[dict[str, Any]]) -> dict[str, list[str]]:
    """The modules of others that only this package, or it and one more, may import."""
    found: dict[str, list[str]] = {name: [] for layer in layers_of(contracts) for name in layer}
    for contract in contracts:
        if contract["type"] == "forbidden":
            may = found.keys() - contract["source_modules"]
            for name in may if len(may) <= _SHARED_BY else ():
                found[name] += contract["forbidden_modules"]
    return {name: sorted(each) for name, each in found.items()}


def _head(layers: list[list[str]], height: int) -> list[str]:
    label = "; below: ".join(", ".join(layer) for layer in layers)
    return [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" '
        'font-family="Helvetica, Arial, sans-serif" role="img" '
        f'aria-label="The packages by layer, from the highest: {label}">',
        f'<rect width="{_WIDTH}" height="{height}" fill="#f6f4ef"/>',
    ]


def _box(
    name: str, lines: list[str], left: float, top: int, width: float, height: int
) -> list[str]:
    def text(line: str, down: int, style: str) -> str:
        return f'<text x="{left + 12:g}" y="{top + down}" {style}>{line}</text>'

    return [
        f'<rect x="{left:g}" y="{top}" width="{width:g}" height="{height}" rx="8" '
        'fill="#ffffff" stroke="#1f2a44" stroke-width="1.5"/>',
        text(name, _NAME, 'font-size="17" font-weight="600" fill="#1f2a44"'),
        *(
            text(line, _NAME + 4 + _LINE * n, 'font-size="12.5" fill="#51607f"')
            for n, line in enumerate(lines, 1)
        ),
    ]


if __name__ == "__main__":
    FILE.write_text(drawn((ROOT / "pyproject.toml").read_text(encoding="utf-8")), "utf-8")
