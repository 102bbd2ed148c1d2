from knowledge.index.words import searchable
from knowledge.vocabulary import plain_words


def test_only_words_that_may_be_corrected_are_kept() -> None:
    text = "Größe of KX-01, E_4032 и неделя; 会議室 เงินเดือน छुट्टी"
    assert plain_words(searchable(text)) == ["grosse", "неделя"]
