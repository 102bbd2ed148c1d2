"""Answers that become refusals, since the model nearly refused."""

import json
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import pairwise
from pathlib import Path

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import AdapterNotLoaded, ServerBusy
from domain.prompt import REFUSAL, render, render_closed_book
from domain.protocols import CUT
from domain.questions import Message
from serving.client import ServerClient
from serving.likely_tokens import LikelyToken
from serving.models import ModelFiles
from serving.refusing import RefusalScore, RefusingGenerator, score_of
from tests.domain.build import passage
from tests.lora import build_adapter
from tests.serving.asking import answer
from tests.serving.conftest import TINY, Running, running
from tests.tiny_phi3 import build_tiny_phi3

PROMPT = render("How long is the warranty?", [passage("Frames carry a warranty of ten years.")])

Piece = tuple[str, Sequence[LikelyToken]]


def token(text: str, **likely: float) -> LikelyToken:
    return LikelyToken(text, tuple((name.replace("_", " "), p) for name, p in likely.items()))


class Scripted:
    """Answers with its pieces; ``stream`` gives their texts alone.

    After "The" it goes on with ``going_on``. It notes how many pieces were taken, and what it was
    asked to go on with.
    """

    model = "scripted"

    def __init__(self, *pieces: Piece, going_on: Sequence[LikelyToken] = ()) -> None:
        self.pieces, self.going_on = pieces, going_on
        self.taken, self.begun = 0, list[str]()
        self.busy = False

    def stream(
        self, messages: Sequence[Message], *, adapter: str | None, max_tokens: int
    ) -> Iterator[str]:
        yield from (text for text, _ in self.pieces)

    def stream_likely(
        self, messages: Sequence[Message], *, adapter: str | None, max_tokens: int, begun: str = ""
    ) -> Iterator[Piece]:
        if begun:
            self.begun.append(begun)
            if self.busy:
                raise ServerBusy("busy")
            yield "", self.going_on
            return
        for piece in self.pieces:
            self.taken += 1
            yield piece


def ten(documents: float = 1.0) -> Scripted:
    """Answers "Ten years."; after "The", " documents" has this probability."""
    return Scripted(
        ("Ten", [token("Ten", Ten=0.6, The=0.3, There=0.1)]),
        (" years", [token(" years", _years=0.9)]),
        (".", [token(".")]),
        going_on=[token(" frames", _frames=1 - documents, _documents=documents)],
    )


ANSWERED = ["Ten", " years", "."]


def asked(script: Scripted, limit: float | None, prompt: Sequence[Message] = PROMPT) -> list[str]:
    generator = RefusingGenerator(script, {"night": limit}.get)
    return list(generator.stream(prompt, adapter="night", max_tokens=9))


def test_an_answer_whose_refusal_is_more_probable_than_the_limit_is_the_refusal() -> None:
    script = ten()
    assert asked(script, 0.29) == [REFUSAL]
    assert script.taken == 1, "the rest of the answer was generated for nothing"
    assert asked(ten(0.5), 0.14) == [REFUSAL]
    assert asked(ten(0.5), 0.15) == ANSWERED


def test_what_follows_the_refusals_first_word_is_asked_only_where_it_matters() -> None:
    script = ten()
    assert asked(script, 0.3) == ANSWERED
    assert script.begun == []
    asked(script, 0.2)
    assert script.begun == ["The"]


def test_an_answer_stays_if_the_server_does_not_say_how_the_refusal_goes_on() -> None:
    silent, busy = ten(), ten()
    silent.going_on, busy.busy = (), True
    assert asked(silent, 0.0) == asked(busy, 0.0) == ANSWERED
    assert score_of(silent, PROMPT, "night") is None


@pytest.mark.parametrize("adapter", [None, "other"])
def test_without_a_limit_an_answer_stays_as_it_is(adapter: str | None) -> None:
    generator = RefusingGenerator(ten(), {"night": 0.0}.get)
    assert list(generator.stream(PROMPT, adapter=adapter, max_tokens=9)) == ANSWERED


def test_a_summary_and_an_answer_from_memory_stay_as_they_are() -> None:
    for prompt in ([Message("user", "Sum it up.")], render_closed_book("How long?"), ()):
        assert asked(ten(), 0.0, prompt) == ANSWERED


def test_an_answer_of_a_server_without_probabilities_stays_as_it_is() -> None:
    script = Scripted(("Ten", ()), (" years", ()))
    assert asked(script, 0.0) == ["Ten", " years"]
    assert score_of(script, PROMPT, "night") is None


def test_a_refusal_stays_one_however_improbable() -> None:
    words = [token("The", The=0.1), token(" documents", _documents=0.1)]
    rest = [token(text) for text in (" do", " not", " say", ".")]
    script = Scripted(*((one.text, [one]) for one in (*words, *rest)))
    assert "".join(asked(script, 0.9)) == REFUSAL
    assert score_of(script, PROMPT, "night") == 1.0


def test_an_answer_with_the_refusals_first_word_is_told_from_it_by_the_next_one() -> None:
    frames = [token("The", The=0.8), token(" frames", _frames=0.7, _documents=0.25)]
    script = Scripted(*((one.text, [one]) for one in frames))
    assert score_of(script, PROMPT, "night") == pytest.approx(0.2)
    assert asked(script, 0.25) == ["The", " frames"]
    assert asked(script, 0.1) == [REFUSAL]
    assert script.begun == []


def test_an_answer_that_ends_with_the_refusals_first_word_stays() -> None:
    assert asked(Scripted(("The", [token("The", The=0.8)])), 0.0) == ["The"]


def test_tokens_of_one_text_count_together_and_spaces_do_not() -> None:
    score = RefusalScore()
    score.add(token(" "))
    score.add(LikelyToken("Ten", (("The", 0.2), (" The", 0.1), ("T", 0.05), ("Then", 0.3))))
    assert score.value == pytest.approx(0.3)
    assert (score.is_open, score.is_exact, score.prefix) == (False, False, "The")
    score.add(LikelyToken(" doc", ((" doc", 0.5),)))
    assert score.prefix == "The doc"
    score.add(LikelyToken("ument", (("ument", 0.5), ("uments", 0.4))))
    assert score.is_exact
    assert score.value == pytest.approx(0.3 * 0.5 * 0.4)


def test_a_name_with_the_refusals_first_letter_is_no_refusal() -> None:
    score = RefusalScore()
    score.add_open(
        [
            LikelyToken("T", (("T", 0.6), ("The", 0.3), ("the", 0.1))),
            LikelyToken("irana", (("irana", 0.9),)),
        ]
    )
    assert (score.value, score.is_open, score.prefix) == (0.3, False, "The")


@given(st.lists(st.tuples(st.text(max_size=8), st.floats(0, 1)), max_size=12))
def test_a_score_is_a_probability_that_only_falls(said: list[tuple[str, float]]) -> None:
    score, values = RefusalScore(), [1.0]
    for text, share in said:
        score.add(LikelyToken(text, ((text, share), ("The", 1 - share))))
        values.append(score.value)
        assert "The documents".startswith(score.prefix)
    assert all(1 >= one >= other >= 0 for one, other in pairwise(values))


@pytest.fixture(scope="module")
def torn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny Phi-3 that answers the question, and finds the refusal nearly as probable."""
    from serving.models import load

    folder = build_tiny_phi3(tmp_path_factory.mktemp("torn") / TINY)
    model, tokenizer = load(ModelFiles(TINY, str(folder)))
    begin = prompt_ids(folder)
    targets = [tokenizer.encode(text) for text in ("thirty days of holiday", REFUSAL)]
    steps = torch.optim.Adam(model.parameters(), lr=3e-3)
    for _ in range(60):
        steps.zero_grad()
        for share, target in zip((0.6, 0.4), targets, strict=True):
            said = model(torch.tensor([begin + target])).logits[0, len(begin) - 1 : -1]
            loss = torch.nn.functional.cross_entropy(said, torch.tensor(target))
            (share * loss).backward()  # type: ignore[no-untyped-call]
        steps.step()
    model.save_pretrained(str(folder))
    return folder


def prompt_ids(folder: Path, begun: str = "") -> list[int]:
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(str(folder))
    turns = [{"role": m.role, "content": m.content} for m in PROMPT]
    text = tokenizer.apply_chat_template(turns, add_generation_prompt=True, tokenize=False)
    return [int(one) for one in tokenizer.encode(f"{text}{begun}")]


@pytest.mark.slow
def test_a_real_server_gives_the_score_of_plain_forward_passes(torn: Path) -> None:
    from serving.models import load

    model, tokenizer = load(ModelFiles(TINY, str(torn)))

    def goes_on(begun: str, rest: str) -> float:
        """The probability that the answer goes on with ``rest``, by the likeliest tokens."""
        if not rest:
            return 1.0
        with torch.no_grad():
            logits = model(torch.tensor([prompt_ids(torn, begun)])).logits[0, -1]
        likely = logits.float().softmax(-1).topk(20)
        texts = [str(tokenizer.decode([one])) for one in likely.indices.tolist()]
        both = zip(likely.values.tolist(), texts, strict=True)
        like = [(share, text) for share, text in both if text.strip() and rest.startswith(text)]
        share, best = max(like)
        return float(share) * goes_on(begun + best, rest[len(best) :])

    with running(torn) as server:
        found = score_of(server.client, PROMPT, None)
        assert answer(server.client, PROMPT, None, 8).startswith("thirty")
        assert found == pytest.approx(goes_on("", "The documents"), rel=0.01)
        assert found
        assert 0.2 < found < 0.5


def test_an_answer_that_is_to_go_on_goes_on(server: Running) -> None:
    whole = answer(server.client, PROMPT, None, 12)
    first = next(
        text for text, _ in server.client.stream_likely(PROMPT, adapter=None, max_tokens=9)
    )
    rest = server.client.stream_likely(PROMPT, adapter=None, max_tokens=4, begun=first)

    assert whole.startswith(first + "".join(text for text, _ in rest).removesuffix(CUT))


def test_a_limit_of_nothing_refuses_all_that_a_real_server_answers(server: Running) -> None:
    never = RefusingGenerator(server.client, {"red": 1.0}.get)
    always = RefusingGenerator(server.client, {"red": -1.0}.get)

    assert "".join(always.stream(PROMPT, adapter="red", max_tokens=8)) == REFUSAL
    assert "".join(never.stream(PROMPT, adapter="red", max_tokens=8)) == answer(
        server.client, PROMPT, "red", 8
    )


@contextmanager
def refusing_server() -> Iterator[tuple[str, list[dict[str, object]]]]:
    """A server that refuses to give probabilities, and the requests that it got."""
    requests: list[dict[str, object]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            requests.append(body)
            if "logprobs" in body:
                self._send(400, '{"error": {"message": "logprobs are not supported"}}', "json")
                return
            choice = {"index": 0, "delta": {"content": "Ten"}, "finish_reason": "stop"}
            self._send(200, f"data: {json.dumps({'id': '1', 'choices': [choice]})}\n\n", "")

        def _send(self, status: int, text: str, kind: str) -> None:
            self.send_response(status)
            self.send_header("Content-Type", f"application/{kind}" if kind else "text/event-stream")
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, *_: object) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as http:
        thread = threading.Thread(target=http.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{http.server_port}", requests
        finally:
            http.shutdown()
            thread.join(10)


@pytest.mark.slow
def test_a_server_that_refuses_to_give_probabilities_is_asked_without_them() -> None:
    with refusing_server() as (url, requests):
        client = ServerClient(url, TINY)
        generator = RefusingGenerator(client, {"night": 0.0}.get)
        said = [list(generator.stream(PROMPT, adapter="night", max_tokens=9)) for _ in range(2)]
        assert score_of(client, PROMPT, "night") is None
        client.close()

    assert said == [["Ten"], ["Ten"]]
    assert ["logprobs" in one for one in requests] == [True, False, False, False]


def test_a_server_that_could_not_load_an_adapter_is_asked_for_probabilities_later(
    server: Running, tiny: Path, tmp_path: Path
) -> None:
    folder = build_adapter(tmp_path / "late", tiny, seed=5, manifest_base=TINY)
    folders = iter([tmp_path / "nowhere", folder, folder])
    client = ServerClient(server.url, TINY, adapter_folder=lambda _: str(next(folders)))
    with pytest.raises(AdapterNotLoaded):
        list(client.stream_likely(PROMPT, adapter="late", max_tokens=4))
    later = list(client.stream_likely(PROMPT, adapter="late", max_tokens=4))
    client.unload_adapter("late")
    client.close()

    assert any(tokens for _, tokens in later)
