"""The steps that the batching manager has captured as CUDA graphs, to launch each at once."""

import torch
from transformers.generation.continuous_batching import ContinuousBatchingManager
from transformers.generation.continuous_batching.utils import CudaGraphBuffer

from serving.memory.server import GRAPHS
from serving.sampling import Sampler


class FewGraphs(CudaGraphBuffer):
    """Keeps the ``most`` that were used last; transformers' own keeps all.

    Steps that were captured before ``sampler`` was on draw nothing, and are not used after it.
    """

    def __init__(self, sampler: Sampler, most: int = GRAPHS) -> None:
        super().__init__()
        self._sampler = sampler
        self._most = most

    def get_graph(self, key: tuple[int, ...]) -> torch.cuda.CUDAGraph | None:
        key = (*key, self._sampler.on)
        graph = self._storage.pop(key, None)
        if graph is not None:
            self._storage[key] = graph
        return graph

    def set_graph(self, key: tuple[int, ...], graph: torch.cuda.CUDAGraph) -> None:
        self._storage[(*key, self._sampler.on)] = graph
        if len(self._storage) > self._most:
            self._storage.pop(next(iter(self._storage))).reset()


def forget_graphs(manager: ContinuousBatchingManager, sampler: Sampler, most: int = GRAPHS) -> None:
    """Removes the captured steps: each would always use the adapters with which it was captured.

    From then on only the ``most`` that were used last are kept. The manager must not compute
    meanwhile.
    """
    processor = manager.batch_processor
    if processor is None:
        return
    inputs = processor.inputs_and_outputs
    for each in getattr(inputs, "io_pairs", [inputs]):
        getattr(each, "device_io", each).graphs = FewGraphs(sampler, most)
