"""Answers that repeat themselves, as small models' do: greedy decoding would go on to the end."""

# An answer repeats itself if it ends with the same characters, this many, four times in a row.
_PERIODS = range(12, 161)
_REPEATS = 4


def is_repeating(text: str) -> bool:
    """Whether ``text`` ends with the same words four times in a row; table rules do not count."""
    end = text[-_REPEATS * _PERIODS[-1] :]
    return any(
        # A text of four rounds equals itself, moved by one round, over three rounds.
        end[-_REPEATS * length : -length] == end[(1 - _REPEATS) * length :]
        and len(end) >= _REPEATS * length
        and any(map(str.isalnum, end[-length:]))
        for length in _PERIODS
    )


def until_repeating(text: str, piece: str) -> str:
    """The part of ``piece`` that may follow ``text`` until the whole repeats itself."""
    room = _REPEATS * _PERIODS[-1]
    before = text[-room:]
    both = before + piece
    ends = (
        end
        for end in range(1, len(piece))
        if is_repeating(both[max(0, len(before) + end - room) : len(before) + end])
    )
    return piece[: next(ends, len(piece))]
