from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, cast

import pytest


@dataclass
class Graph:
    """Counts how often it was freed."""

    freed: int = 0

    def reset(self) -> None:
        self.freed += 1


def new_graphs() -> Any:
    from transformers.generation.continuous_batching.utils import CudaGraphBuffer

    return CudaGraphBuffer()


@dataclass
class Inputs:
    """What the manager keeps captured steps in."""

    graphs: Any = field(default_factory=new_graphs)


def manager(inputs: Any) -> Any:
    return SimpleNamespace(batch_processor=SimpleNamespace(inputs_and_outputs=inputs))


def test_captured_steps_are_freed_with_one_set_of_inputs_and_with_two() -> None:
    from serving.graphs import forget_graphs
    from serving.sampling import Sampler

    one, *two = [Inputs() for _ in range(3)]
    graphs = [Graph() for _ in range(3)]
    for inputs, graph in zip((one, *two), graphs, strict=True):
        inputs.graphs.set_graph((64, 4096), graph)
    forget_graphs(manager(one), Sampler())
    both = SimpleNamespace(io_pairs=[SimpleNamespace(device_io=io) for io in two])
    forget_graphs(manager(both), Sampler())
    assert [graph.freed for graph in graphs] == [1, 1, 1]
    assert [io.graphs.get_graph((64, 4096)) for io in (one, *two)] == [None, None, None]


def test_before_the_first_step_there_is_nothing_to_free() -> None:
    from serving.graphs import forget_graphs
    from serving.sampling import Sampler

    forget_graphs(cast(Any, SimpleNamespace(batch_processor=None)), Sampler())


@pytest.mark.parametrize("most", [8, 32])
def test_the_steps_that_were_used_last_are_kept(most: int) -> None:
    from serving.graphs import forget_graphs
    from serving.sampling import Sampler

    inputs, graphs = Inputs(), [Graph() for _ in range(most + 2)]
    forget_graphs(manager(inputs), Sampler(), most)
    kept = inputs.graphs
    for n, graph in enumerate(graphs[:most]):
        kept.set_graph((n,), cast(Any, graph))
    assert cast(Any, kept.get_graph((0,))) is graphs[0]
    for n in (most, most + 1):
        kept.set_graph((n,), cast(Any, graphs[n]))
    assert [n for n, graph in enumerate(graphs) if graph.freed] == [1, 2]
    assert kept.get_graph((1,)) is None
    assert kept.get_graph((0,)) is not None


def test_steps_captured_before_a_request_draws_are_not_used_after_it() -> None:
    from serving.graphs import FewGraphs
    from serving.sampling import Sampler, Sampling

    sampler = Sampler()
    kept, greedy, drawing = FewGraphs(sampler), Graph(), Graph()
    kept.set_graph((64,), cast(Any, greedy))
    assert sampler.options(Sampling(temperature=0)) == {}
    assert cast(Any, kept.get_graph((64,))) is greedy
    sampler.options(Sampling(temperature=1))
    assert kept.get_graph((64,)) is None
    kept.set_graph((64,), cast(Any, drawing))
    assert cast(Any, kept.get_graph((64,))) is drawing
