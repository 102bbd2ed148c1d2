"""A real vLLM, as a process that can be ended and started again."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from serving.client import ServerClient
from tests.ports import free_port
from tests.serving.conftest import wait_until

_SECONDS_TO_START = 500
_FLAGS = ("--enable-lora", "--max-loras", "2", "--max-lora-rank", "16")


@dataclass
class Vllm:
    """vLLM on two CPU cores, with the settings that the product needs."""

    python: Path
    model: Path
    log: Path
    flags: tuple[str, ...] = _FLAGS
    context: str = "4096"
    updating: bool = True
    port: int = field(default_factory=free_port)
    _process: "subprocess.Popen[bytes] | None" = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        command = [str(self.python), "-W", "ignore", "-m", "vllm.entrypoints.openai.api_server"]
        command += ["--model", str(self.model), "--served-model-name", self.model.name]
        command += ["--host", "127.0.0.1", "--port", str(self.port), "--enforce-eager"]
        command += ["--dtype", "float32", "--max-model-len", self.context]
        env = os.environ | {
            "HF_HUB_OFFLINE": "1",
            "VLLM_NO_USAGE_STATS": "1",
            "VLLM_ALLOW_RUNTIME_LORA_UPDATING": str(self.updating),
            "VLLM_WORKER_MULTIPROC_METHOD": "fork",  # imports its libraries once, not three times
            "VLLM_CPU_KVCACHE_SPACE": "1",  # GiB
            "VLLM_CPU_OMP_THREADS_BIND": "nobind",
            "KMP_BLOCKTIME": "0",  # waiting threads sleep, so that others can compute
            "PYTHONDONTWRITEBYTECODE": "",
        }
        env.pop("PYTHONPATH", None)
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [*command, *self.flags], env=env, stdout=log, stderr=log, cwd=self.log.parent
            )
        client = ServerClient(self.url)
        try:
            wait_until(lambda: client.healthy() or self._ended(), _SECONDS_TO_START)
        finally:
            client.close()
        assert not self._ended(), self.log.read_text()[-4000:]

    def stop(self) -> None:
        if self._process:
            self._process.terminate()
            self._process.wait(60)

    def restart(self) -> None:
        self.stop()
        self.start()

    def _ended(self) -> bool:
        return self._process is None or self._process.poll() is not None


@contextmanager
def vllm(python: Path, model: Path, log: Path, **options: object) -> Iterator[Vllm]:
    server = Vllm(python, model, log, **options)  # type: ignore[arg-type]
    try:
        server.start()
        yield server
    finally:
        server.stop()
