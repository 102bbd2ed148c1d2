"""Which languages an embedding model reads, by its name."""

from enum import StrEnum

from domain.languages import is_clearly_foreign

# How the names begin, after that of the maker. A name that is not here says nothing.
_MANY = tuple(
    "multilingual- paraphrase-multilingual- distiluse-base-multilingual- gte-multilingual- bge-m3 "
    "e5-passage e5-query labse text-embedding-3- jina-embeddings-v3 jina-embeddings-v4 "
    "jina-embeddings-v5 snowflake-arctic-embed-m-v2 snowflake-arctic-embed-l-v2 qwen3-embedding- "
    "embeddinggemma- nomic-embed-text-v2 potion-multilingual-".split()
)
_ENGLISH = tuple(
    "all-minilm- all-mpnet- all-distilroberta- all-roberta- multi-qa- msmarco-minilm- "
    "msmarco-distil paraphrase-minilm- paraphrase-mpnet- paraphrase-distil bge-small-en "
    "bge-base-en bge-large-en e5-small e5-base e5-large gte-base-en gte-large-en gte-modernbert- "
    "snowflake-arctic-embed-xs snowflake-arctic-embed-s snowflake-arctic-embed-m "
    "snowflake-arctic-embed-l jina-embeddings-v2-small-en jina-embeddings-v2-base-en "
    "nomic-embed-text-v1 mxbai-embed-large-v1 mxbai-embed-xsmall-v1 uae-large-v1 "
    "modernbert-embed- potion-base- potion-retrieval-".split()
)


class Languages(StrEnum):
    """What a model reads, in words for people."""

    ENGLISH = "reads English only"
    MANY = "reads many languages"
    UNKNOWN = ""


def languages_of(model: str) -> Languages:
    """By the last part of a hub name or a path."""
    name = model.replace("\\", "/").rstrip("/").rpartition("/")[2].lower()
    if name.startswith(_MANY):
        return Languages.MANY
    return Languages.ENGLISH if name.startswith(_ENGLISH) else Languages.UNKNOWN


def is_unread(question: str, model: str) -> bool:
    """Whether ``question`` is clearly in a language that ``model`` does not read."""
    return languages_of(model) is Languages.ENGLISH and is_clearly_foreign(question)
