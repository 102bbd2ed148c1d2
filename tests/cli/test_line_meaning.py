from cli.line_meaning import line_meaning
from knowledge.embedders.places import DEFAULT
from tests.knowledge.doubles import WordEmbedder


def test_line_has_a_meaning_by_the_model_with_which_it_was_learned() -> None:
    embedder = WordEmbedder(DEFAULT)
    meaning = line_meaning(lambda: embedder, is_remote=False)
    assert meaning
    assert meaning("second dog") == embedder.embed_question("second dog").vector


def test_line_has_no_meaning_by_another_model_or_on_another_machine() -> None:
    other = line_meaning(lambda: WordEmbedder("BAAI/bge-m3"), is_remote=False)
    assert other
    assert not other("second dog")
    assert line_meaning(lambda: WordEmbedder(DEFAULT), is_remote=True) is None
