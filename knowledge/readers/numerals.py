"""Counts as lists write them: numbers, letters and Roman numerals."""

_ROMAN = (
    *((1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l")),
    *((40, "xl"), (10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i")),
)
_LARGEST_ROMAN = 5_000
_MOST_LETTERS = 3  # ``aaa`` follows upon ``zz``


def numeral(count: int, form: str) -> str:
    """``form`` is named as in Word: ``decimal``, ``lowerLetter``, ``upperRoman`` and so on."""
    if count < 1:
        return str(count)
    if form in ("lowerLetter", "upperLetter") and count <= 26 * _MOST_LETTERS:
        letter = chr(ord("a") + (count - 1) % 26) * ((count - 1) // 26 + 1)
        return letter if form == "lowerLetter" else letter.upper()
    if form in ("lowerRoman", "upperRoman") and count <= _LARGEST_ROMAN:
        written = ""
        for size, sign in _ROMAN:
            written += sign * (count // size)
            count %= size
        return written if form == "lowerRoman" else written.upper()
    return f"{count:02}" if form == "decimalZero" else str(count)
