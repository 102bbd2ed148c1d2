"""A night's data, as its report holds them."""

from typing import Any

Json = dict[str, Any]

_SCORE = {"f1": 0.5, "contained": 0.4, "cited": 0.8, "refused": 0.1, "characters": 30.0}


def night_data(
    question: str = "How long?", answer: str = "10 years", reason: str = "better"
) -> Json:
    live, candidate = ({"agreement": each, **_SCORE} for each in (0.4, 0.5))
    checks = [
        {"name": "enough questions", "passed": True, "says": ""},
        {"name": "golden questions", "passed": False, "says": reason},
    ]
    return {
        "run": {
            "id": "night-3",
            "outcome": "promoted",
            "started_at": "2026-03-29 02:00:00+00:00",
            "finished_at": "2026-03-29 02:09:00+00:00",
            "reason": reason,
            "adapter": "night-3",
            "evaluation": {
                "questions": 40,
                "live": live,
                "candidate": candidate,
                "gain": 0.04,
                "low": 0.01,
                "high": 0.07,
                "sure": 0.95,
                "safe": 0.99,
                "nights": 2,
                "passed": True,
                "reason": reason,
                "checks": checks,
            },
        },
        "state": "canary",
        "came_in": {
            "since": "2026-03-28 02:00:00+00:00",
            "questions": 9,
            "answered": 7,
            "refused": 1,
            "up": 3,
            "down": 2,
            "corrections": 1,
            "raters": 2,
        },
        "trained": {
            "rows": 70,
            "tokens": 9_000,
            "losses": [2.0, 1.5, 1.0],
            "dropped": 0,
            "seconds": 60.0,
            "tokens_per_second": 150.0,
            "resumed_at": 0,
            "watched": [],
        },
        "train": 40,
        "held_back": 10,
        "people": 5,
        "largest_share": 0.2,
        "left_out": {"not for everyone": 4},
        "causes": {"retrieval": 1, "document": 0, "model": 2},
        "searched_again": 3,
        "found_by_now": 2,
        "bounds": {"sure": 0.91, "safe": 0.975, "tolerated": 0.02},
        "to_beat": None,
        "before": [
            {"run": "night-1", "mean": 0.01, "low": -0.02, "high": 0.03, "sure": 0.6, "safe": 0.9}
        ],
        "nights": [_night(1, "rejected"), _night(2, "skipped", None), _night(3, "on trial")],
        "questions": [
            {
                "answer_id": "a1",
                "question": question,
                "accepted": answer,
                "live": {"text": answer, "agreement": 0.0},
                "candidate": {"text": answer, "agreement": 1.0},
            }
        ],
        "golden": [
            {
                "id": "g1",
                "question": question,
                "right_answer": answer,
                "found": True,
                "sources": ["/docs/a.md"],
                "before": {"text": answer, "right": True},
                "after": {"text": answer, "right": False},
            }
        ],
    }


def _night(n: int, fate: str, agreement: float | None = 0.4) -> Json:
    return {
        "run": f"night-{n}",
        "at": f"2026-03-{26 + n} 02:00:00+00:00",
        "fate": fate,
        "questions": 40 if agreement else 0,
        "live": agreement,
        "candidate": agreement,
        "gain": agreement and 0.01,
    }
