"""The text of charts and of SmartArt, which Word and PowerPoint keep in parts of their own."""

from collections.abc import Iterator

from domain.blocks import NOWHERE, Block, Item, ItemList, Row, Table, Where
from knowledge.readers.clean import line
from knowledge.readers.office import CHART, DIAGRAM, A, number
from knowledge.readers.zipped import Element

_POINTS = 1_000  # of a chart; no person looks one up in a chart of more
_SERIES = 50
_HIDDEN_POINTS = ("pres", "parTrans", "sibTrans", "doc")


def chart(root: Element, where: Where = NOWHERE) -> list[Block]:
    """A table of a chart's values: a row for each category, a column for each series."""
    series = list(root.iter(f"{CHART}ser"))[:_SERIES]
    if not series:
        return []
    values = [_points(each, "val", "yVal") for each in series]
    categories: dict[int, str] = {}
    for each in series:
        categories |= {n: v for n, v in _points(each, "cat", "xVal").items() if n not in categories}
    names = [line(" ".join(_texts(each.find(f"{CHART}tx")))) for each in series]
    places = sorted({n for each in (*values, categories) for n in each})[:_POINTS]
    rows: list[Row] = [
        (categories.get(n, ""), *(each.get(n, "") for each in values)) for n in places
    ]
    if not any(any(row) for row in rows):
        return []
    title = root.find(f"{CHART}chart/{CHART}title")
    header = ((("", *names)),) if any(names) else ()
    return [Table(header, tuple(rows), where, line(" ".join(_texts(title))))]


def _points(series: Element, *names: str) -> dict[int, str]:
    points: dict[int, str] = {}
    for name in names:
        part = series.find(f"{CHART}{name}")
        for point in part.iter(f"{CHART}pt") if part is not None else ():
            if len(points) < _POINTS:
                text = line(" ".join(_texts(point)))
                points.setdefault(number(point.get("idx")), _rounded(text))
    return points


def _rounded(text: str) -> str:
    """Without what calculating in binary leaves behind, as in ``0.30000000000000004``."""
    if len(text) < 12:
        return text
    try:
        return f"{float(text):.10g}"
    except ValueError:
        return text


def _texts(element: Element | None) -> Iterator[str]:
    if element is not None:
        yield from (each.text or "" for each in element.iter(f"{CHART}v", f"{A}t"))


def diagram(root: Element, where: Where = NOWHERE) -> list[Block]:
    """The texts of SmartArt in the order in which its author wrote them."""
    items = []
    for point in root.iter(f"{DIAGRAM}pt"):
        if point.get("type", "node") in _HIDDEN_POINTS:
            continue
        if text := line(" ".join(each.text or "" for each in point.iter(f"{A}t"))):
            items.append(Item(text))
    return [ItemList(tuple(items), where)] if items else []
