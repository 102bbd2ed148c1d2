"""One of two processes that share a base model; the test starts both with torch's launcher."""

import sys
from pathlib import Path
from typing import Any


def main(base: str, folder: Path) -> None:
    import torch
    from accelerate.state import PartialState  # type: ignore[import-untyped]
    from accelerate.utils import DistributedType  # type: ignore[import-untyped]
    from torch import distributed

    from serving.models import ModelFiles
    from tests.training.makers import example
    from tests.training.test_sharded import NF4
    from training import qlora

    torch.set_num_threads(1)
    distributed.init_process_group("gloo")
    original = vars(qlora)["SFTConfig"]

    def on_some_gpus(**options: Any) -> Any:
        """Accelerate shards a model only if it takes the processors for GPUs."""
        made = original(**options)
        PartialState._shared_state["distributed_type"] = DistributedType.MULTI_GPU
        return made

    vars(qlora)["SFTConfig"] = on_some_gpus
    own = folder / str(distributed.get_rank())
    own.mkdir()
    rows = [example(n) for n in range(4)]
    found = qlora.train(rows, NF4, ModelFiles("tiny-phi3", base), own, sharded=True)
    (own / "losses.txt").write_text("\n".join(map(str, found.losses)))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
