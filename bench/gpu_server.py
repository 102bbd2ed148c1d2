"""`phi3 serve` on a GPU: its start, its speed, its adapters, and a training beside it.

``python -m bench.gpu_server FOLDER``, after `gpu_managers`, with `bench.gpu`'s settings.
"""

import json
import subprocess
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import median
from time import perf_counter, sleep

from openai import OpenAI

from bench.gpu import report, used_gigabytes
from bench.gpu_managers import SPEEDS, STREAMS, TOKENS
from bench.random_models import PHI3_SIZE
from bench.server import prompts
from bench.streams import Round, ask, ask_all, firsts
from cli.environment import read_settings
from cli.local_server import with_model_server
from serving.client import ServerClient
from tests.lora import build_adapter

_ROUNDS = 3
_LONG = 256
_ADAPTERS = ("red", "blue")


class ServerBench:
    """Measures a server that runs at ``url`` with the random model."""

    def __init__(self, url: str, folder: Path) -> None:
        self._openai = OpenAI(base_url=url, api_key="none", max_retries=0)
        self._server = ServerClient(url, PHI3_SIZE)
        self._folder = folder
        self._adapters = folder / "home" / "adapters"  # what the server may load from
        self._prompts = prompts(max(STREAMS))

    def first_answer(self) -> None:
        ask(self._openai, PHI3_SIZE, self._prompts[0], 1)

    def speeds(self, bare: Sequence[float]) -> None:
        for count, other in zip(STREAMS, bare, strict=True):
            rounds = self._rounds([PHI3_SIZE] * count)
            speed = median(each.speed for each in rounds)
            report(
                f"server at {count} streams, tokens a second",
                f"{speed:.0f} (first token {firsts(rounds)})",
                f"bare manager: {other:.0f}",
                f"{speed / other:.2f}",
                "at least 0.9",
            )

    def adapters(self) -> None:
        for seed, name in enumerate(_ADAPTERS):
            self._build(name, seed)
            self._server.load_adapter(name, str(self._adapters / name))
        base, one, mixed = (
            median(each.speed for each in self._rounds(models))
            for models in (
                [PHI3_SIZE] * 8,
                ["red"] * 8,
                [(PHI3_SIZE, *_ADAPTERS)[n % 3] for n in range(8)],
            )
        )
        report(
            "8 streams with one adapter, tokens a second",
            f"{one:.0f}",
            f"without: {base:.0f}",
            f"{one / base:.2f}",
        )
        report(
            "8 streams of the base and two adapters, tokens a second",
            f"{mixed:.0f}",
            f"one adapter: {one:.0f}",
            f"{mixed / one:.2f}",
        )
        self._swap()
        self._under_load()

    def _swap(self) -> None:
        """How much longer the first token takes if another adapter had answered before."""
        waits: dict[bool, list[float]] = {True: [], False: []}
        for n in range(8):
            heard = ask(self._openai, _ADAPTERS[n // 2 % 2], self._prompts[0], 1)
            waits[n % 2 == 0].append(heard.first * 1000)
        after, same = median(waits[True]), median(waits[False])
        report(
            "first token after another adapter",
            f"{after:.0f} ms",
            f"after the same: {same:.0f} ms",
            f"{after - same:.0f} ms more",
        )

    def _under_load(self) -> None:
        calm = self._long()
        self._build("green", len(_ADAPTERS))
        folder = str(self._adapters / "green")
        with ThreadPoolExecutor(1) as pool:
            running = pool.submit(self._long)
            sleep(1)
            loading = _seconds(lambda: self._server.load_adapter("green", folder))
            unloading = _seconds(lambda: self._server.unload_adapter("green"))
            busy = running.result()
        broken = sum(bool(answer.error) for answer in busy.answers)
        report(
            "loading and unloading an adapter under 8 streams",
            f"{loading:.2f} s and {unloading:.2f} s",
            f"longest wait for a piece {_gap(busy):.0f} ms, without them {_gap(calm):.0f} ms",
            f"{broken} streams broken",
            "0",
        )

    def night(self) -> None:
        """Trains while the server runs and answers."""
        command = [sys.executable, "-m", "bench.gpu_training", str(self._folder), "beside"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            heard, most = [], used_gigabytes()
            while process.poll() is None:
                heard.append(ask(self._openai, PHI3_SIZE, self._prompts[0], 16))
                most = max(most, used_gigabytes())
            trained = json.loads(process.stdout.read()) if process.stdout else {}
        broken = sum(bool(one.error) for one in heard)
        report(
            "training (NF4) beside the running server, tokens a second",
            f"{trained['speed']:.0f}",
            f"{len(heard)} answers meanwhile, {broken} broken",
            f"both together hold {most:.1f} GB",
        )

    def _build(self, name: str, seed: int) -> None:
        base = self._folder / PHI3_SIZE
        build_adapter(self._adapters / name, base, seed=seed, rank=16, strength=0.01)

    def _rounds(self, models: Sequence[str]) -> list[Round]:
        asked = self._prompts[: len(models)]
        return [ask_all(self._openai, models, asked, TOKENS) for _ in range(_ROUNDS)]

    def _long(self) -> Round:
        return ask_all(self._openai, [PHI3_SIZE] * 8, self._prompts[:8], _LONG)


def _gap(round_: Round) -> float:
    return max(answer.gap for answer in round_.answers) * 1000


def _seconds(work: Callable[[], None]) -> float:
    began = perf_counter()
    work()
    return perf_counter() - began


def main() -> None:
    folder = Path(sys.argv[1])
    before, began = used_gigabytes(), perf_counter()
    with with_model_server(read_settings()) as running:
        ready = perf_counter() - began
        bench = ServerBench(running.server_url, folder)
        bench.first_answer()
        report(
            "phi3 serve, from its start to its first answer",
            f"{perf_counter() - began:.1f} s",
            f"ready after {ready:.1f} s",
        )
        report("GPU memory that phi3 serve holds", f"{used_gigabytes() - before:.1f} GB")
        bench.speeds(json.loads((folder / SPEEDS).read_text()))
        bench.adapters()
        bench.night()


if __name__ == "__main__":
    main()
