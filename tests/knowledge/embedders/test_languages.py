import pytest

from knowledge.embedders.languages import Languages, is_unread, languages_of


@pytest.mark.parametrize(
    ("model", "languages"),
    [
        ("sentence-transformers/all-MiniLM-L6-v2", Languages.ENGLISH),
        ("/srv/models/all-MiniLM-L6-v2/", Languages.ENGLISH),
        ("BAAI/bge-small-en-v1.5", Languages.ENGLISH),
        ("intfloat/e5-small-v2", Languages.ENGLISH),
        ("Snowflake/snowflake-arctic-embed-l", Languages.ENGLISH),
        ("Snowflake/snowflake-arctic-embed-l-v2.0", Languages.MANY),
        ("BAAI/bge-m3", Languages.MANY),
        ("intfloat/multilingual-e5-small", Languages.MANY),
        ("sentence-transformers/paraphrase-multilingual-MiniLM-L12-v2", Languages.MANY),
        ("e5-passage", Languages.MANY),
        ("text-embedding-3-small@512", Languages.MANY),
        ("jina-embeddings-v3", Languages.MANY),
        ("BAAI/bge-small-zh-v1.5", Languages.UNKNOWN),
        ("our-own-model", Languages.UNKNOWN),
        ("", Languages.UNKNOWN),
    ],
)
def test_languages_of_a_model_are_known_by_its_name(model: str, languages: Languages) -> None:
    assert languages_of(model) is languages


def test_question_is_unread_only_if_model_and_language_are_clear() -> None:
    assert is_unread("Wie lange ist die Probezeit?", "all-MiniLM-L6-v2")
    assert not is_unread("Probezeit", "all-MiniLM-L6-v2")
    assert not is_unread("Wie lange ist die Probezeit?", "bge-m3")
    assert not is_unread("Wie lange ist die Probezeit?", "our-own-model")
