"""Whether traces are sent: if the standard variables name a collector, and the extra is there."""

import os
from contextlib import AbstractContextManager, nullcontext
from importlib.util import find_spec
from logging import getLogger

_NAMES = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")

_log = getLogger(__name__)


def traces_if_wanted(service: str) -> AbstractContextManager[None]:
    """Sends this process's traces during the block, as ``service``, if that is wanted."""
    if not any(os.environ.get(name) for name in _NAMES):
        return nullcontext()
    if find_spec("opentelemetry") is None or find_spec("opentelemetry.exporter") is None:
        _log.warning("No traces are sent: pip install 'phi3-expert[traces]'.")
        return nullcontext()
    from cli.tracing import sending_traces

    return sending_traces(service)
