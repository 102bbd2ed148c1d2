"""``python -m tests.cluster.ingest_victim FOLDER DOCUMENTS``: an ingest on a cluster of its own.

It kills itself after the first documents that are written.
"""

import os
import signal
import sys
from pathlib import Path

from cli.cluster_connection import connected_to
from cluster.connecting import LOCAL
from knowledge.ingest_run import IngestProgress
from tests.cluster.places import Place, on_cluster


def main() -> None:
    folder, documents = map(Path, sys.argv[1:])

    def kill(step: IngestProgress) -> None:
        if step.done >= 40:
            os.kill(os.getpid(), signal.SIGKILL)

    with connected_to(LOCAL, cpus=2, object_bytes=200_000_000):
        Place(folder).ingest(documents, on_cluster(), progress=kill)


if __name__ == "__main__":
    main()
