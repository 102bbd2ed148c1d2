"""Ports for programs that are told at which one to listen."""

import os
from itertools import count
from socket import socket

# Below those that the system gives to whoever asks for any port (from 32768 on), and above Ray's.
_FIRST, _COUNT = 20_000, 12_000
_places = count(os.getpid() * 97)  # each process of tests begins elsewhere


def free_port() -> int:
    """A port of loopback at which nobody listens, another one each time.

    The system would give one that it may give to another test too, before the program listens.
    """
    while True:
        port = _FIRST + next(_places) % _COUNT
        with socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        return port
