"""Where the parts of transformers' batching manager that compute a step are reached and changed."""

from collections.abc import Callable, Iterator
from typing import Any
from weakref import WeakSet

from transformers.generation.continuous_batching import ContinuousBatchingManager


def when_created(manager: ContinuousBatchingManager, change: Callable[[Any], None]) -> None:
    """Calls ``change`` once with each batch processor that the manager creates."""
    create = manager._create_batch_processor  # noqa: SLF001
    seen = WeakSet[Any]()

    def created() -> Any:
        processor: Any = create()
        if processor not in seen:  # the manager uses it again
            seen.add(processor)
            change(processor)
        return processor

    manager._create_batch_processor = created  # type: ignore[method-assign]  # noqa: SLF001


def inputs_and_outputs(processor: Any) -> Iterator[Any]:
    """Those of each batch that may be computed at a time, on the processor and on the GPU."""
    for pair in pairs(processor):
        yield from dict.fromkeys(pair)


def pairs(processor: Any) -> Iterator[tuple[Any, Any]]:
    """Where each batch is prepared, and where it is computed; on a CPU that is the same object."""
    found = processor.inputs_and_outputs
    for each in getattr(found, "io_pairs", [found]):
        yield (each.host_io, each.device_io) if hasattr(each, "host_io") else (each, each)
