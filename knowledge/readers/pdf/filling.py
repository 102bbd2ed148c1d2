"""The values of a form's fields, as words beside the labels to which they belong."""

from knowledge.readers.pdf.page import Field, Page, Word

_REACH = 320.0  # points to the left of a field, where its label may end
_ABOVE = 20.0  # points above a field, where its label may stand


def filled(page: Page) -> list[Word]:
    """The words of ``page`` and those of its fields.

    A value stands right behind its label, on the label's line; a tick right before it. A field
    without a label on the page bears its name.
    """
    words = list(page.words)
    for each in page.fields:
        words += _mark(each, page) if each.is_mark else _value(each, page)
    return words


def _value(field: Field, page: Page) -> list[Word]:
    box = field.box
    label = _left_of(field, page) or _above(field, page)
    if label is not None:
        x = label.x1 + 0.25 * label.size
        colon = [] if label.text.endswith((":", "?", ".")) else [_colon(label)]
        return colon + _words(field.value, x, label.base, label.size)
    size = min(10.0, 0.8 * (box.y1 - box.y0))
    text = f"{field.name}: {field.value}" if field.name else field.value
    return _words(text, box.x0, box.y0 + 0.5 * (box.y1 - box.y0) + 0.3 * size, max(size, 1.0))


def _mark(field: Field, page: Page) -> list[Word]:
    box = field.box
    middle = (box.y0 + box.y1) / 2
    right = [
        word
        for word in page.words
        if -2 < word.x0 - box.x1 < 30 and word.y0 - 4 < middle < word.y1 + 4
    ]
    if right:
        label = min(right, key=lambda word: word.x0)
        return [
            Word(
                field.value,
                label.x0 - label.size,
                label.x0 - 1,
                label.base,
                label.size,
                is_filled=True,
            )
        ]
    size = max(min(10.0, box.y1 - box.y0), 1.0)
    text = "yes" if field.value == "[x]" else "no"
    before = _left_of(field, page)
    if before is not None:
        return _words(text, before.x1 + 0.25 * before.size, before.base, before.size)
    return _words(f"{field.name}: {text}", box.x0, middle + 0.3 * size, size) if field.name else []


def _left_of(field: Field, page: Page) -> Word | None:
    """The last word of the label on the field's own row."""
    box = field.box
    near: list[tuple[float, float, Word]] = []
    for word in page.words:
        overlap = min(word.y1, box.y1) - max(word.y0, box.y0)
        if overlap > 0.15 * word.size and -2 < box.x0 - word.x1 < _REACH:
            near.append((round(-overlap / word.size), box.x0 - word.x1, word))
    return min(near, key=lambda each: each[:2])[2] if near else None


def _above(field: Field, page: Page) -> Word | None:
    """The last word of the label right above the field."""
    box = field.box
    near = [
        word
        for word in page.words
        if 0 <= box.y0 - word.base < _ABOVE and word.x1 > box.x0 - 5 and word.x0 < box.x1
    ]
    if not near:
        return None
    base = max(word.base for word in near)
    return max((word for word in near if base - word.base < 2), key=lambda word: word.x1)


def _colon(label: Word) -> Word:
    return Word(":", label.x1, label.x1, label.base, label.size, is_spaced=False, is_filled=True)


def _words(text: str, x: float, base: float, size: float) -> list[Word]:
    found = []
    for part in text.split():
        width = 0.05 * size * len(part)  # narrow, so that nothing beside it seems to overlap
        found.append(Word(part, x, x + width, base, size, is_filled=True))
        x += width + 0.1 * size
    return found
