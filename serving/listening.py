"""Takes the port that a server answers on, before anything that takes long."""

import errno
import socket

from domain.errors import ConfigError

_BACKLOG = 2048
_WHY = {
    errno.EADDRINUSE: "another program listens there: end it, or set another {}_PORT",
    errno.EADDRNOTAVAIL: "this machine has no such address: correct {}_HOST",
    errno.EACCES: "this user may not listen there: set a {}_PORT above 1023",
}


def listen(
    host: str, port: int, who: str = "The model server", setting: str = "PHI3_SERVER"
) -> socket.socket:
    """A socket that listens; port 0 means any free one.

    ``::`` takes connections over IPv4, too. ``setting`` is how the names of its settings begin.
    Raises ConfigError, which names ``who`` cannot listen.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except (OSError, UnicodeError) as e:
        raise ConfigError(f"{who} cannot listen: {setting}_HOST is not known here.", str(e)) from e
    family, kind, protocol, _, address = min(found, key=lambda each: each[0] != socket.AF_INET)
    listener = socket.socket(family, kind, protocol)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        listener.bind(address)
        listener.listen(_BACKLOG)
    except OSError as e:
        listener.close()
        why = _WHY.get(e.errno or 0, "the system refuses it").format(setting)
        raise ConfigError(f"{who} cannot listen on port {port} of {host}: {why}.", str(e)) from e
    return listener
