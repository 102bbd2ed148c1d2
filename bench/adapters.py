"""Adapters side by side: what a mixture of them costs, and what loading and unloading one does.

Everything runs in this process, by turns, so that a busy machine slows both sides.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import median
from time import perf_counter

from openai import OpenAI

from bench import Figure
from bench.server import prompts
from bench.streams import Round, ask_all
from serving.client import ServerClient
from serving.default_model import SMOLLM2
from serving.engine import Engine
from serving.models import load, resolve
from serving.server import create_app, serving
from tests.lora import build_adapter
from tests.serving.conftest import wait_until

_REQUESTS = 12
_STREAMS = 8
_TOKENS = 24
_LONG = 48
_ROUNDS = 2
_LOADS = 500
_RANK = 16  # of those that answer; the one that is loaded again and again has 4


def measure(folder: Path) -> list[Figure]:
    files = resolve(SMOLLM2, folder)
    for seed, (name, rank) in enumerate((("red", _RANK), ("blue", _RANK), ("green", 4))):
        build_adapter(folder / name, Path(files.path), seed=seed, rank=rank, strength=0.001)
    engine = Engine(*load(files), files.name, folders=(folder,))
    with serving(create_app(engine)) as url:
        server = ServerClient(url, files.name)
        wait_until(server.healthy, 120)
        for name in ("red", "blue"):
            server.load_adapter(name, str(folder / name))
        openai = OpenAI(base_url=f"{url}/v1", api_key="none", max_retries=0, timeout=600)
        return [
            *_mixture(openai, files.name),
            *_under_streams(openai, server, folder),
            _growth(server, folder),
        ]


def _mixture(openai: OpenAI, base: str) -> list[Figure]:
    asked = prompts(_REQUESTS)
    sides = {
        "base": [base] * _REQUESTS,
        "one": ["red"] * _REQUESTS,
        "mixed": [(base, "red", "blue")[n % 3] for n in range(_REQUESTS)],
    }
    ask_all(openai, sides["mixed"], asked, 4)
    rounds: dict[str, list[Round]] = {side: [] for side in sides}
    for _ in range(_ROUNDS):
        for side, models in sides.items():
            rounds[side].append(ask_all(openai, models, asked, _TOKENS))
    speed = {side: [each.speed for each in found] for side, found in rounds.items()}
    last = {side: _slowest(found) for side, found in rounds.items()}
    return [
        Figure(
            f"{_REQUESTS} requests for the base and two adapters, tokens a second",
            f"{median(speed['mixed']):.1f}",
            f"one adapter: {median(speed['one']):.1f}",
            f"{_ratio(speed['mixed'], speed['one']):.2f}",
            "at least 0.75",
        ),
        Figure(
            "– first token of the slowest",
            f"{last['mixed']:.2f} s",
            f"one adapter: {last['one']:.2f} s",
            f"{last['mixed'] / last['one']:.2f}",
            "–",
        ),
        Figure(
            f"{_REQUESTS} requests for one adapter, tokens a second",
            f"{median(speed['one']):.1f}",
            f"base: {median(speed['base']):.1f}",
            f"{_ratio(speed['one'], speed['base']):.2f}",
            "–",
        ),
    ]


def _under_streams(openai: OpenAI, server: ServerClient, folder: Path) -> list[Figure]:
    """Loads and unloads one adapter again and again while others answer."""
    models, asked = ["red", "blue"] * (_STREAMS // 2), prompts(_STREAMS)
    calm = ask_all(openai, models, asked, _LONG)
    loads, unloads = [], []
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(ask_all, openai, models, asked, _LONG)
        while not running.done():
            loads.append(_seconds(lambda: server.load_adapter("green", str(folder / "green"))))
            unloads.append(_seconds(lambda: server.unload_adapter("green")))
        busy = running.result()
    # An answer may end early, but then it does so both times.
    pairs = zip(busy.answers, calm.answers, strict=True)
    changed = sum((one.tokens, one.error) != (other.tokens, other.error) for one, other in pairs)
    gap, calm_gap = (max(each.gap for each in side.answers) for side in (busy, calm))
    return [
        Figure(
            f"loading and unloading under {_STREAMS} streams, {len(loads)} times",
            f"{median(loads):.2f} s and {median(unloads):.2f} s",
            f"longest: {max(loads):.2f} s and {max(unloads):.2f} s",
            f"{changed} streams disturbed",
            "0",
        ),
        Figure(
            "– longest wait for a piece",
            f"{gap * 1000:.0f} ms",
            f"without: {calm_gap * 1000:.0f} ms",
            f"{gap / calm_gap:.2f}",
            "–",
        ),
    ]


def _growth(server: ServerClient, folder: Path) -> Figure:
    def change(times: int) -> float:
        for _ in range(times):
            server.load_adapter("green", str(folder / "green"))
            server.unload_adapter("green")
        return _resident()

    before = change(50)
    grown = change(_LOADS) - before
    return Figure(
        f"{_LOADS} loads and unloads, memory",
        f"{before + grown:.0f} MB",
        f"before: {before:.0f} MB",
        f"{grown:+.1f} MB",
        "at most +20 MB",
    )


def _resident() -> float:
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    line = next(line for line in status.splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) / 1024


def _slowest(rounds: Sequence[Round]) -> float:
    return median(max(answer.first for answer in each.answers) for each in rounds)


def _ratio(ours: Sequence[float], others: Sequence[float]) -> float:
    return median(mine / theirs for mine, theirs in zip(ours, others, strict=True))


def _seconds(work: Callable[[], None]) -> float:
    began = perf_counter()
    work()
    return perf_counter() - began
