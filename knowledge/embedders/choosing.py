"""Chooses how a model of this machine is run."""

from importlib.util import find_spec
from logging import getLogger

from domain.errors import ConfigError
from domain.protocols import Embedder
from knowledge.embedders.bert_files import NotABert, read_bert
from knowledge.embedders.places import fetched, folder_here, full_name

_log = getLogger(__name__)


def local_embedder(name: str, backend: str = "") -> Embedder:
    """The model by onnxruntime if it is a plain BERT, else by sentence-transformers.

    With a ``backend`` always by sentence-transformers. Raises ConfigError.
    """
    if not backend and (folder := folder_here(name) or fetched(name)):
        try:
            bert = read_bert(folder)
        except NotABert as e:
            _log.info("%s is loaded with sentence-transformers (%s).", full_name(name), e)
        else:
            from knowledge.embedders.onnx import OnnxEmbedder

            return OnnxEmbedder(full_name(name), bert)
    if find_spec("sentence_transformers") is None:
        raise ConfigError(
            "Without sentence-transformers the embedding model must be a plain BERT, in a folder "
            "here or on a hub that can be reached: set PHI3_EMBEDDER to such a folder, or install "
            "phi3-expert[models].",
            full_name(name),
        )
    from knowledge.embedders.sentence_transformers import SentenceTransformersEmbedder

    return SentenceTransformersEmbedder(name, backend=backend or "torch")
