"""The peers of `python -m bench peers`, each set up as its own documentation shows it.

It is run by a Python in which the peers are installed, and imports nothing of this project:

    python bench/peer_systems.py NAME WEIGHTS FILES.json TEXTS.json

It prints one JSON object: the versions, the seconds of the ingest, the median milliseconds of a
search, and the texts that each search found, best first.
"""

import json
import sys
import tempfile
from collections.abc import Callable
from functools import partial
from importlib.metadata import version
from pathlib import Path
from statistics import median
from time import perf_counter

FOUND = 10

Search = Callable[[str], list[str]]
Ingest = Callable[[list[Path]], Search]


def langchain(weights: str, folder: str, *, hybrid: bool) -> Ingest:
    """The splitter of its RAG tutorial; hybrid: an ensemble of BM25 and vectors in equal parts."""
    from langchain_classic.retrievers import EnsembleRetriever
    from langchain_community.document_loaders import TextLoader
    from langchain_community.retrievers import BM25Retriever
    from langchain_community.vectorstores import LanceDB
    from langchain_huggingface import HuggingFaceEmbeddings
    from langchain_text_splitters import RecursiveCharacterTextSplitter

    embeddings = HuggingFaceEmbeddings(model_name=weights)
    embeddings.embed_query("warm up")

    def ingest(files: list[Path]) -> Search:
        documents = [page for file in files for page in TextLoader(str(file)).load()]
        splitter = RecursiveCharacterTextSplitter(chunk_size=1000, chunk_overlap=200)
        splits = splitter.split_documents(documents)
        store = LanceDB.from_documents(splits, embeddings, uri=folder)
        retriever = store.as_retriever(search_kwargs={"k": FOUND})
        if hybrid:
            by_words = BM25Retriever.from_documents(splits)
            by_words.k = FOUND
            retriever = EnsembleRetriever(retrievers=[by_words, retriever], weights=[0.5, 0.5])
        return lambda text: [found.page_content for found in retriever.invoke(text)]

    return ingest


def llamaindex(weights: str, folder: str, *, hybrid: bool) -> Ingest:
    """Its default splitter, for passages as long as the weights read; hybrid: LanceDB's search.

    Without ``chunk_size`` passages have 1,024 tokens, of which these weights read 256.
    """
    from llama_index.core import Settings, SimpleDirectoryReader, StorageContext, VectorStoreIndex
    from llama_index.embeddings.huggingface import HuggingFaceEmbedding
    from llama_index.vector_stores.lancedb import LanceDBVectorStore

    Settings.embed_model = HuggingFaceEmbedding(model_name=weights)
    Settings.embed_model.get_text_embedding("warm up")
    Settings.chunk_size, Settings.chunk_overlap = 256, 20

    def ingest(files: list[Path]) -> Search:
        documents = SimpleDirectoryReader(input_files=files).load_data()
        store = LanceDBVectorStore(uri=folder, query_type="hybrid" if hybrid else "vector")
        context = StorageContext.from_defaults(vector_store=store)
        index = VectorStoreIndex.from_documents(documents, storage_context=context)
        retriever = index.as_retriever(similarity_top_k=FOUND)
        return lambda text: [found.get_content() for found in retriever.retrieve(text)]

    return ingest


def haystack(weights: str, folder: str) -> Ingest:
    """Its tutorial of hybrid retrieval with the default splitter.

    The tutorial's re-ranking model is left out, since it has other weights.
    """
    from haystack import Pipeline
    from haystack.components.converters import TextFileToDocument
    from haystack.components.joiners import DocumentJoiner
    from haystack.components.preprocessors import DocumentSplitter
    from haystack.components.retrievers.in_memory import (
        InMemoryBM25Retriever,
        InMemoryEmbeddingRetriever,
    )
    from haystack.components.writers import DocumentWriter
    from haystack.document_stores.in_memory import InMemoryDocumentStore
    from haystack_integrations.components.embedders.sentence_transformers import (
        SentenceTransformersDocumentEmbedder,
        SentenceTransformersTextEmbedder,
    )

    store = InMemoryDocumentStore()
    indexing = Pipeline()
    indexing.add_component("converter", TextFileToDocument())
    indexing.add_component("splitter", DocumentSplitter())
    embedder = SentenceTransformersDocumentEmbedder(model=weights, progress_bar=False)
    indexing.add_component("embedder", embedder)
    indexing.add_component("writer", DocumentWriter(store))
    indexing.connect("converter", "splitter")
    indexing.connect("splitter", "embedder")
    indexing.connect("embedder", "writer")
    indexing.warm_up()

    asking = Pipeline()
    of_texts = SentenceTransformersTextEmbedder(model=weights, progress_bar=False)
    asking.add_component("embedder", of_texts)
    asking.add_component("meaning", InMemoryEmbeddingRetriever(store, top_k=FOUND))
    asking.add_component("words", InMemoryBM25Retriever(store, top_k=FOUND))
    asking.add_component("joiner", DocumentJoiner(join_mode="reciprocal_rank_fusion"))
    asking.connect("embedder", "meaning")
    asking.connect("meaning", "joiner")
    asking.connect("words", "joiner")
    asking.warm_up()

    def search(text: str) -> list[str]:
        found = asking.run({"embedder": {"text": text}, "words": {"query": text}})
        return [document.content for document in found["joiner"]["documents"]]

    def ingest(files: list[Path]) -> Search:
        indexing.run({"converter": {"sources": files}})
        return search

    return ingest


def txtai(weights: str, folder: str) -> Ingest:
    """Its paragraphs, and its hybrid index."""
    from txtai import Embeddings
    from txtai.pipeline import Segmentation

    index = Embeddings(path=weights, hybrid=True, content=True)
    index.transform("warm up")

    def ingest(files: list[Path]) -> Search:
        paragraphs = Segmentation(paragraphs=True)
        index.index([text for file in files for text in paragraphs(file.read_text())])
        index.save(f"{folder}/index")
        return lambda text: [found["text"] for found in index.search(text, FOUND)]

    return ingest


_LANGCHAIN = ("langchain-community", "lancedb")
_LLAMAINDEX = ("llama-index-core", "lancedb")

PEERS: dict[str, tuple[Callable[[str, str], Ingest], tuple[str, ...]]] = {
    "LangChain + LanceDB, vectors": (partial(langchain, hybrid=False), _LANGCHAIN),
    "LangChain + LanceDB, hybrid": (partial(langchain, hybrid=True), _LANGCHAIN),
    "LlamaIndex + LanceDB, vectors": (partial(llamaindex, hybrid=False), _LLAMAINDEX),
    "LlamaIndex + LanceDB, hybrid": (partial(llamaindex, hybrid=True), _LLAMAINDEX),
    "Haystack, hybrid": (haystack, ("haystack-ai",)),
    "txtai, hybrid": (txtai, ("txtai",)),
}


def main(name: str, weights: str, files: str, texts: str) -> None:
    set_up, packages = PEERS[name]
    with tempfile.TemporaryDirectory() as folder:
        ingest = set_up(weights, folder)
        paths = [Path(file) for file in json.loads(Path(files).read_text(encoding="utf-8"))]
        began = perf_counter()
        search = ingest(paths)
        seconds = perf_counter() - began
        found, took = [], []
        for text in json.loads(Path(texts).read_text(encoding="utf-8")):
            began = perf_counter()
            found.append(search(text)[:FOUND])
            took.append(perf_counter() - began)
    versions = ", ".join(f"{package} {version(package)}" for package in packages)
    print(
        json.dumps(
            {"versions": versions, "ingest": seconds, "ms": median(took) * 1000, "found": found}
        )
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
