"""Learns which lines of a thread are meant for the bot: `make meant`.

It prints how many lines of each author are judged wrongly by what was learned from the others, and
writes ``bot/questions/learned.json``. Authors from whom nothing is learned are left to the tests.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, hstack
from sklearn.linear_model import LogisticRegression

from bench.thread_lines import UNAWARE, UNSEEN, Row, read
from bot.questions.learned import Weights, write
from bot.questions.meant import decided
from bot.questions.signs import is_phrase, signs
from knowledge.embedders.choosing import local_embedder
from knowledge.embedders.packaged_e5 import MODEL, e5_vector
from knowledge.embedders.places import DEFAULT

_BY = ((), (DEFAULT,), (MODEL,), (DEFAULT, MODEL))
"""The models of which one, both or none may be at hand where the bot runs."""
_WRONG = 4
"""An answer that nobody wanted is as bad as so many that were missed."""
_UNAWARE = 6.0
"""A line of an author who did not know how it is judged counts for so many of others."""
_AUTHORS = 2
"""Words that fewer authors have are of one trade, and nothing is learned from them."""
_STRENGTH = 0.5
"""How far weights may go from 0; measured, as the following are, on authors who were left out."""
_SIGNS, _PHRASES, _MEANING = 0.5, 0.7, 2.0
"""How large the numbers of each sort are: the larger, the more they count."""
_LEAST = 0.01
"""A smaller weight changes no decision."""


@dataclass(frozen=True, slots=True)
class Examples:
    """``signs`` and ``vectors`` (example, dimension), by model, of rows that need to be judged."""

    authors: NDArray[np.int64]
    signs: Sequence[dict[str, float]]
    vectors: Mapping[str, NDArray[np.float64]]
    meant: NDArray[np.bool_]

    def of(self, chosen: NDArray[np.bool_]) -> "Examples":
        return Examples(
            self.authors[chosen],
            [one for one, is_in in zip(self.signs, chosen, strict=True) if is_in],
            {model: vectors[chosen] for model, vectors in self.vectors.items()},
            self.meant[chosen],
        )


def learn(examples: Examples, models: Sequence[str]) -> Weights:
    """Weights of a logistic regression, for a decision at even odds."""
    names = _known(examples)
    at = {name: n for n, name in enumerate(names)}
    entries = [
        (row, at[name], value)
        for row, found in enumerate(examples.signs)
        for name, value in found.items()
        if name in at
    ]
    rows, columns, values = (np.array(one) for one in zip(*entries, strict=True))
    held = csr_matrix((values, (rows, columns)), shape=(len(examples.signs), len(names)))
    scale = _scale(held, names)
    # Vectors of one model may all lie in one direction, those of another around 0.
    means = {model: examples.vectors[model].mean(axis=0) for model in models}
    centred = {model: examples.vectors[model] - means[model] for model in models}
    larger = {model: _MEANING / np.sqrt((centred[model] ** 2).sum(1).mean()) for model in models}
    parts = [held.multiply(scale), *(csr_matrix(centred[one] * larger[one]) for one in models)]
    logistic = LogisticRegression(C=_STRENGTH, solver="liblinear", max_iter=2000, random_state=0)
    counts = np.where(np.isin(examples.authors, UNAWARE), _UNAWARE, 1.0)
    logistic.fit(hstack(parts).tocsr(), examples.meant, sample_weight=counts)
    worth = logistic.coef_[0]
    of_signs = worth[: len(names)] * scale
    of_models = np.split(worth[len(names) :], max(len(models), 1))
    vectors = {model: of * larger[model] for model, of in zip(models, of_models, strict=False)}
    bias = float(logistic.intercept_[0]) - sum(float(vectors[one] @ means[one]) for one in models)
    return Weights(
        round(bias, 4),
        {
            name: round(float(value), 4)
            for name, value in zip(names, of_signs, strict=True)
            if abs(value) >= _LEAST
        },
        {model: tuple(np.round(of, 4).tolist()) for model, of in vectors.items()},
    )


def _known(examples: Examples) -> list[str]:
    """All signs, and of phrases those that several authors used."""
    used = dict[str, set[int]]()
    for author, found in zip(examples.authors, examples.signs, strict=True):
        for name in found:
            used.setdefault(name, set()).add(int(author))
    return sorted(n for n, by in used.items() if not is_phrase(n) or len(by) >= _AUTHORS)


def _scale(held: "csr_matrix[np.float64]", names: Sequence[str]) -> NDArray[np.float64]:
    mean = np.asarray(held.mean(axis=0)).ravel()
    squares = np.asarray(held.multiply(held).mean(axis=0)).ravel()
    spread = np.sqrt(np.maximum(squares - mean**2, 1e-6))
    is_of_words = np.array([is_phrase(name) for name in names])
    return np.asarray(np.where(is_of_words, _PHRASES, _SIGNS / spread))


def sums(weights: Weights, examples: Examples) -> NDArray[np.float64]:
    return np.array(
        [
            weights.sum(found, {one: vectors[n] for one, vectors in examples.vectors.items()})
            for n, found in enumerate(examples.signs)
        ]
    )


def left_out(examples: Examples, models: Sequence[str]) -> NDArray[np.float64]:
    """The sum of each example by weights that are learned from the other authors."""
    found = np.zeros(len(examples.meant))
    for author in np.unique(examples.authors):
        is_theirs = examples.authors == author
        weights = learn(examples.of(~is_theirs), models)
        found[is_theirs] = sums(weights, examples.of(is_theirs))
    return found


def best_threshold(found: NDArray[np.float64], meant: NDArray[np.bool_]) -> float:
    """Above which the fewest mistakes are made, if a wrong answer counts more than a missed one."""

    def cost(threshold: float) -> int:
        wrong, missed = mistakes(found, meant, threshold)
        return _WRONG * wrong + missed

    return float(min(np.linspace(-1, 3, 81), key=cost))


def mistakes(
    found: NDArray[np.float64], meant: NDArray[np.bool_], threshold: float
) -> tuple[int, int]:
    """How many are answered wrongly, and how many are missed."""
    says = found > threshold
    return int((says & ~meant).sum()), int((meant & ~says).sum())


def examples_of(rows: Sequence[Row]) -> Examples:
    texts = [row.line.text for row in rows]
    own = [one.vector for one in local_embedder("").embed_passages(texts)]
    other = [e5_vector(text) for text in texts]
    return Examples(
        np.array([row.author for row in rows]),
        [signs(row.line, row.before) for row in rows],
        {DEFAULT: np.array(own, np.float64), MODEL: np.array(other, np.float64)},
        np.array([row.is_meant for row in rows]),
    )


def main() -> None:
    seen = [row for row in read() if row.author not in UNSEEN]
    by_rule = [(row, decided(row.line, row.before, row.names)) for row in seen]
    open_rows = [row for row, says in by_rule if says is None]
    wrong = Counter(row.author for row, says in by_rule if says and not row.is_meant)
    missed = Counter(row.author for row, says in by_rule if says is False and row.is_meant)
    print(
        f"{len(seen)} lines. Rules decide {len(seen) - len(open_rows)}: "
        f"{wrong.total()} are answered wrongly, {missed.total()} missed."
    )
    examples = examples_of(open_rows)
    is_unaware = np.isin(examples.authors, UNAWARE)
    made = list[Weights]()
    for models in _BY:
        print(f"By words and {' and '.join(models)}:" if models else "By words alone:")
        found = left_out(examples, models)
        threshold = best_threshold(found[is_unaware], examples.meant[is_unaware])
        for author in np.unique(examples.authors):
            is_theirs = examples.authors == author
            more = mistakes(found[is_theirs], examples.meant[is_theirs], threshold)
            all_wrong, all_missed = wrong[author] + more[0], missed[author] + more[1]
            print(f"  author {author}: {all_wrong} answered wrongly, {all_missed} missed")
        weights = learn(examples, models)
        made.append(Weights(round(weights.bias - threshold, 4), weights.signs, weights.vectors))
    write(made)


if __name__ == "__main__":
    main()
