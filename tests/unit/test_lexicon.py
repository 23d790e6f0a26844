"""Words, terms and weights: what any text becomes, and that questions meet articles."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.lexicon import (
    MOST_WEIGHTS,
    TERM_NUMBERS,
    TITLE_WEIGHT,
    UNSTEMMED,
    bm25_weights,
    content_words,
    language_of,
    question_pairs,
    question_terms,
    sparse,
    terms,
    words,
)

TEXT = st.text(max_size=200)
LANGUAGES = st.sampled_from(["ar", "de", "en", "es", "fr", "no", "ru", "tr", UNSTEMMED])
WORD = st.from_regex(r"[a-z]{3,8}", fullmatch=True)


@given(st.text(st.characters(), max_size=200))
def test_any_text_has_words_and_folding_them_again_changes_nothing(text: str) -> None:
    found = words(text)
    assert all(found)
    assert words(" ".join(found)) == found or any(len(word) == 2 for word in found)


@given(TEXT, LANGUAGES)
def test_every_term_is_a_dimension(text: str, language: str) -> None:
    assert all(0 <= term < TERM_NUMBERS for term in terms(text, language))


@given(TEXT)
def test_a_question_with_words_is_never_left_without_terms(question: str) -> None:
    assert bool(words(question)) == bool(content_words(question)) == bool(question_terms(question))


@given(TEXT, TEXT, LANGUAGES)
def test_weights_are_positive_bounded_and_storable(title: str, text: str, language: str) -> None:
    weights, _ = bm25_weights(title, text, language)
    assert weights.keys() == set(terms(title, language)) | set(terms(text, language))
    assert all(0 < weight < 3 for weight in weights.values())
    assert sparse(weights).dimensions() == TERM_NUMBERS


@given(WORD, st.lists(WORD, min_size=1, max_size=20), st.integers(1, 5))
def test_saying_a_word_oftener_weighs_more_at_equal_length(
    word: str, others: list[str], count: int
) -> None:
    others = [other for other in others if terms(other, "en") != terms(word, "en")]
    filler = [*others, *["zq"] * 6]
    less = " ".join([word] * count + filler)
    more = " ".join([word] * (count + 1) + filler[:-1])
    (term,) = terms(word, UNSTEMMED)

    def weight(text: str) -> float:
        return bm25_weights("", text, UNSTEMMED)[0][term]

    assert weight(less) < weight(more)


def test_a_word_in_the_title_counts_as_so_many_in_the_text() -> None:
    (term,) = terms("invoice", "en")
    titled = bm25_weights("Invoice", "delivery address", "en")[0][term]
    repeated = " ".join(["invoice"] * int(TITLE_WEIGHT))
    assert titled == pytest.approx(bm25_weights("", f"{repeated} delivery address", "en")[0][term])


def test_a_longer_passage_weighs_its_words_less() -> None:
    (term,) = terms("invoice", "en")
    short = bm25_weights("", "invoice", "en")[0][term]
    assert short > bm25_weights("", "invoice " + "delivery " * 200, "en")[0][term]


@pytest.mark.parametrize(
    ("locale", "article", "question"),
    [
        ("en-US", "Printers were reset", "How do I reset a printer?"),
        ("de", "Die Rechnungen finden Sie im Konto.", "Wo ist meine Rechnung?"),
        ("de-AT", "GRÖSSE ändern", "Welche Größen gibt es?"),
        ("es-MX", "Restablecer contraseñas", "¿Dónde cambio la contraseña?"),
        ("fr", "L’abonnement est renouvelé", "Comment renouveler mon abonnement ?"),
        ("nb-NO", "Fakturaene ligger her", "Hvor er fakturaen?"),
        ("tr", "İstanbul şubesi", "istanbul"),
        ("ja", "返金は3日以内に行われます。", "返金にかかる日数は?"),
        ("zh-CN", "您可以在14天内退货。", "如何退货?"),
        ("ja", "USB接続が切れる", "接続できない"),
        ("pl", "Reset hasła", "Gdzie jest reset?"),
        ("ko", "환불 정책", "환불"),
        ("th", "คืนเงินภายใน 3 วัน", "ขอคืนเงิน"),
        ("en", "The app’s settings", "the app's SETTINGS"),
        ("en", "Ｆｕｌｌ ｗｉｄｔｈ", "full width"),
    ],
)
def test_a_question_meets_the_article_in_its_language(
    locale: str, article: str, question: str
) -> None:
    language = language_of(locale)
    held = set(terms(article, language))
    read = {term.term for term in question_terms(question) if term.language == language}
    assert held & read


def test_words_without_spaces_are_cut_in_pairs_and_part_from_latin_ones() -> None:
    assert words("USB接続3回") == ["usb", "接続", "3", "回"]
    assert words("退货政策") == ["退货", "货政", "政策"]


def test_every_reading_of_a_word_is_one_word() -> None:
    found = question_terms("Rechnung finden?", ["de", "en"])
    assert [(term.word, term.language) for term in found] == [
        (0, "de"),
        (0, "en"),
        (1, "de"),
        (1, "en"),
    ]


def test_a_question_of_asking_words_alone_keeps_them() -> None:
    assert content_words("Who are you?") == ["who", "are", "you"]
    assert content_words("What is the refund?") == ["refund"]


def test_more_weights_than_pgvector_takes_lose_the_lightest() -> None:
    stored = sparse({term: float(1 + term % 3) for term in range(MOST_WEIGHTS + 9)})
    assert len(stored.indices()) == MOST_WEIGHTS
    assert stored.values().count(3.0) == len(range(2, MOST_WEIGHTS + 9, 3))


@given(TEXT, TEXT, LANGUAGES)
def test_pairs_are_dimensions_too(title: str, text: str, language: str) -> None:
    _, pairs = bm25_weights(title, text, language)
    assert all(0 <= pair < TERM_NUMBERS for pair in pairs)
    assert bool(pairs) == (max(len(terms(title, language)), len(terms(text, language))) > 1)


@pytest.mark.parametrize(
    ("locale", "text"), [("en", "delivery address"), ("ja", "返金")], ids=["en", "ja"]
)
def test_a_question_meets_the_pairs_of_an_article(locale: str, text: str) -> None:
    asked = {pair for pair, _, _ in question_pairs(text * 2)}
    assert asked & bm25_weights("", text * 2, language_of(locale))[1].keys()
