"""Chooses who scores passages."""

from domain.protocols import Reranker


def chosen_reranker(name: str, url: str = "", key: str | None = None) -> Reranker:
    """The server at ``url``, or else the model ``name`` of this machine. Raises ConfigError."""
    if url:
        from knowledge.rerankers.server import ServerReranker

        return ServerReranker(url, name, key)
    from knowledge.rerankers.cross_encoder import CrossEncoderReranker

    return CrossEncoderReranker(name)
