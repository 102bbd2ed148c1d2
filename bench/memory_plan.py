"""The memory plan against what is measured on the CPU, of a server and of a step of a training.

``python -m bench.memory_plan FOLDER [MODEL…]`` prints a row for each; a MODEL is a folder, or
SmolLM2-135M-Instruct. ``tiny`` is the small Phi-3 of the tests. Each is measured in a process of
its own. Of a server it is how much more memory the process has at its most, as the system counts
it, than before the model was loaded. Of a training it is what torch holds at its most in a step,
as torch counts it on a GPU too; and what the whole process has in a step, as the system counts it.
What was only needed to load the model does not count.
"""

import asyncio
import gc
import json
import subprocess
import sys
from dataclasses import asdict, dataclass
from itertools import accumulate
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from warnings import catch_warnings, simplefilter

from cli.app import prepare_process
from domain.adapters import Example, Origin
from domain.questions import Message
from training.progress import TrainingProgress

TINY = "tiny"

_CACHE, _ROW = {TINY: 100_000}, {TINY: 4_000}
"""Tokens; else so small a model would need less than the libraries' memory changes by itself."""

_USUAL_CACHE, _USUAL_ROW, _HALF_ROW, _SHORT_ROW = 16_384, 1_000, 500, 84
_STEPS = 2


@dataclass(frozen=True, slots=True)
class Compared:
    """Bytes that were computed and measured."""

    what: str
    computed: int
    measured: int

    @property
    def ratio(self) -> float:
        return self.computed / self.measured

    def __str__(self) -> str:
        computed, measured = self.computed / 1e9, self.measured / 1e9
        return f"| {self.what} | {computed:.2f} GB | {measured:.2f} GB | {self.ratio:.2f} |"


def compare(side: str, model: str, home: Path, quantised: bool = False) -> Compared:
    """Measures ``serve``, ``train`` or ``process`` of a model in a process of its own."""
    command = [sys.executable, "-m", "bench.memory_plan", side, model, str(home)]
    command += ["nf4"] if quantised else []
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return Compared(**json.loads(done.stdout.splitlines()[-1]))


def serve(model: str, home: Path) -> Compared:
    from transformers import PreTrainedModel  # noqa: F401

    import serving.engine
    from serving.memory.server import server_needs
    from serving.memory.sizes import sizes_of
    from serving.models import load, resolve

    files = resolve(_place(model, home), home)
    before = _resident()
    network, tokenizer = load(files)
    tokens = _CACHE.get(model, _USUAL_CACHE)
    sizes = sizes_of(files.path)
    assert sizes
    needs = server_needs(
        sizes, width=network.dtype.itemsize, cache_tokens=tokens, adapters=0, process=0
    )
    engine = serving.engine.Engine(network, tokenizer, files.name, cache_tokens=tokens)

    async def ask() -> None:
        await engine.start()
        _forget_peak()
        prompt = engine.prompt([Message("user", "How long is the warranty of a frame? " * 150)])
        prompt = prompt[: engine.context - 8]

        async def one() -> None:
            async for _ in engine.generate(prompt, None, 4):
                pass

        await asyncio.gather(*(one() for _ in range(4)))
        await engine.stop()

    asyncio.run(ask())
    return Compared(f"{files.name}, server", needs.total, _peak() - before)


def train(model: str, home: Path, quantised: bool, *, whole: bool = False) -> Compared:
    """``whole``: what the process has, and not only what torch holds; with shorter rows."""
    from transformers import AutoTokenizer

    from serving.memory.night import Training, night_needs
    from serving.memory.plan import CPU_NIGHT
    from serving.memory.sizes import sizes_of
    from serving.models import computes_bfloat16, resolve
    from serving.size import SMALL_MODEL
    from training.memory import give_back_at_once
    from training.qlora import train as run
    from training.recipe import Recipe
    from training.rows import fitting

    files = resolve(_place(model, home), home)
    sizes = sizes_of(files.path)
    assert sizes
    is_small = sizes.parameters < SMALL_MODEL
    tokenizer: Any = AutoTokenizer.from_pretrained(files.path)
    length = _HALF_ROW if whole else _ROW.get(model, _USUAL_ROW)
    rows = _examples(tokenizer, length if is_small else _SHORT_ROW)
    fitted = fitting(rows, tokenizer, (tokenizer.eos_token_id,), 10**6)
    longest = max(fitted, key=lambda row: len(row.ids))
    tokens = -(-len(longest.ids) // 64) * 64
    count = _Resident() if whole else _Counted()
    give_back_at_once()  # as where memory is short: the plan says what is needed at least
    with TemporaryDirectory() as folder:
        recipe = Recipe(quantised=quantised, max_length=10**6, batch=1, epochs=1)
        run(rows, recipe, files, Path(folder), count)
    narrow = 2 if computes_bfloat16("cpu") else 4
    weights = None if quantised else 4 if is_small else 2
    needs = night_needs(
        sizes,
        Training(weights, narrow),
        tokens=tokens,
        recomputes=False,
        process=CPU_NIGHT if whole else 0,
        answer_tokens=len(longest.ids) - longest.start,
    )
    how = ("NF4" if quantised else "LoRA") + (", the whole process" if whole else "")
    return Compared(f"{files.name}, step of {tokens:,} tokens, {how}", needs.total, count.most)


class _Counted:
    """Counts what torch holds at its most within the second step, when the optimiser has begun.

    That is what all tensors hold between two steps, and what is allocated beyond that within one.
    """

    def __init__(self) -> None:
        self.most = 0
        self._held = 0
        self._profile: Any = None

    def __call__(self, step: TrainingProgress) -> None:
        from torch.profiler import ProfilerActivity, profile

        if step.done == 1:
            gc.collect()
            self._held = _held()
            self._profile = profile(activities=[ProfilerActivity.CPU], profile_memory=True)
            self._profile.start()
        elif step.done == 2:
            self._profile.stop()
            events = self._profile.profiler.kineto_results.events()
            found = [(e.start_ns(), e.nbytes()) for e in events if e.name() == "[memory]"]
            self.most = self._held + max(accumulate(size for _, size in sorted(found)))


class _Resident:
    """What the process has at its most in the second step."""

    most = 0

    def __call__(self, step: TrainingProgress) -> None:
        if step.done == 1:
            _forget_peak()
        elif step.done == 2:
            self.most = _peak()


def _held() -> int:
    """Bytes of all tensors that there are; parts of one storage count once."""
    import torch

    storages = {}
    with catch_warnings():
        simplefilter("ignore")  # some libraries warn when they are looked at
        for each in gc.get_objects():
            if isinstance(each, torch.Tensor) and each.device.type == "cpu":
                storage = each.untyped_storage()
                storages[storage.data_ptr()] = storage.nbytes()
    return sum(storages.values())


def _place(model: str, home: Path) -> str:
    if model != TINY:
        return model
    from tests.tiny_phi3 import build_tiny_phi3

    folder = home / "tiny-phi3"
    return str(folder if folder.exists() else build_tiny_phi3(folder, sliding_window=None))


def _examples(tokenizer: Any, tokens: int) -> list[Example]:
    """Rows of equal length, so that the first step needs as much as the later ones."""
    words = "The frame has a warranty of ten years. "
    each = len(tokenizer.encode(words, add_special_tokens=False))
    prompt = Message("user", words * (tokens // each))
    return [
        Example(
            answer_id=str(n),
            question=f"{n}",
            prompt=(prompt,),
            completion=words * 4,
            origin=Origin.CORRECTION,
            group=str(n),
        )
        for n in range(_STEPS)
    ]


def _resident() -> int:
    return _status("VmRSS")


def _peak() -> int:
    return _status("VmHWM")


def _forget_peak() -> None:
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")


def _status(name: str) -> int:
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    [kilobytes] = (line.split()[1] for line in lines if line.startswith(name))
    return int(kilobytes) * 1024


def main() -> None:
    if sys.argv[1] in ("serve", "train", "process"):
        prepare_process()  # as the program itself does: it decides what is given back
        side, model, home = sys.argv[1], sys.argv[2], Path(sys.argv[3])
        if side == "serve":
            found = serve(model, home)
        else:
            found = train(model, home, "nf4" in sys.argv, whole=side == "process")
        print(json.dumps(asdict(found)))
        return
    home = Path(sys.argv[1])
    print("| what | computed | measured | ratio |\n|---|---|---|---|")
    for model in sys.argv[2:] or [TINY, "SmolLM2-135M-Instruct"]:
        print(compare("serve", model, home), flush=True)
        print(compare("train", model, home), flush=True)
        print(compare("train", model, home, quantised=True), flush=True)
        print(compare("process", model, home), flush=True)


if __name__ == "__main__":
    main()
