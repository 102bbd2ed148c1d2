"""Chooses how a model of this machine is run."""

from logging import getLogger

from domain.protocols import Embedder
from knowledge.embedders.bert_files import NotABert, read_bert
from knowledge.embedders.places import folder_here, full_name

_log = getLogger(__name__)


def local_embedder(name: str, backend: str = "") -> Embedder:
    """The model by onnxruntime if it is a plain BERT, else by sentence-transformers.

    With a ``backend`` always by sentence-transformers. Raises ConfigError.
    """
    if not backend and (folder := folder_here(name)):
        try:
            bert = read_bert(folder)
        except NotABert as e:
            _log.info("%s is loaded with sentence-transformers (%s).", full_name(name), e)
        else:
            from knowledge.embedders.onnx import OnnxEmbedder

            return OnnxEmbedder(full_name(name), bert)
    from knowledge.embedders.sentence_transformers import SentenceTransformersEmbedder

    return SentenceTransformersEmbedder(name, backend=backend or "torch")
