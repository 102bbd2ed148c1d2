"""What every Embedder must do; each implementation inherits the same tests."""

import json
import math
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from domain.embeddings import Vector
from domain.protocols import Embedder
from knowledge.embedders.choosing import local_embedder
from knowledge.embedders.openai import OpenAIEmbedder
from knowledge.embedders.sentence_transformers import SentenceTransformersEmbedder
from tests.knowledge.doubles import WordEmbedder


def cosine(one: Vector, other: Vector) -> float:
    return sum(a * b for a, b in zip(one, other, strict=True))


class EmbedderContract:
    def test_vectors_have_the_dimension_and_length_one(self, embedder: Embedder) -> None:
        made = embedder.embed_passages(["a cat", "x " * 3_000, "", "你好 🎈"])
        vectors = [one.vector for one in made]
        assert len(vectors) == 4
        for vector in [*vectors, embedder.embed_question("a cat").vector]:
            assert len(vector) == embedder.dimension
            assert math.hypot(*vector) == pytest.approx(1.0, abs=1e-3)

    def test_vectors_come_in_the_order_of_their_texts(self, embedder: Embedder) -> None:
        texts = [f"{'long ' * (n % 7)}text number {n}" for n in range(70)]
        together = embedder.embed_passages(texts)
        for n in (0, 33, 69):
            [alone] = embedder.embed_passages([texts[n]])
            assert cosine(together[n].vector, alone.vector) == pytest.approx(1.0, abs=1e-3)

    def test_no_texts_give_no_vectors(self, embedder: Embedder) -> None:
        assert embedder.embed_passages([]) == []

    def test_question_is_near_its_passage(self, embedder: Embedder) -> None:
        near, far = embedder.embed_passages(["The office is in Berlin", "Soup is served hot"])
        question = embedder.embed_question("Where is the office?").vector
        assert cosine(question, near.vector) > cosine(question, far.vector)

    def test_threads_get_the_vectors_of_their_own_texts(self, embedder: Embedder) -> None:
        found: dict[str, Vector] = {}

        def embed(text: str) -> None:
            found[text] = embedder.embed_question(text).vector

        texts = [f"{'many ' * n}words {n}" for n in range(8)]
        threads = [threading.Thread(target=embed, args=(text,)) for text in texts]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        for text in texts:
            assert cosine(found[text], embedder.embed_question(text).vector) > 0.999

    def test_model_has_a_name(self, embedder: Embedder) -> None:
        assert embedder.model


class TestSentenceTransformersEmbedder(EmbedderContract):
    @pytest.fixture(scope="class")
    @classmethod
    def embedder(cls) -> Embedder:
        return SentenceTransformersEmbedder()


class TestOnnxEmbedder(EmbedderContract):
    @pytest.fixture(scope="class")
    @classmethod
    def embedder(cls) -> Embedder:
        return local_embedder("")


class EmbeddingsServer(BaseHTTPRequestHandler):
    """Supports OpenAI's embeddings in any order; it embeds by word hashes, not to length 1."""

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        made = WordEmbedder().embed_passages(asked["input"])
        rows = [
            {"object": "embedding", "index": n, "embedding": [3 * x for x in vector]}
            for n, vector in enumerate(one.vector for one in made)
        ]
        body = json.dumps({"object": "list", "data": rows[::-1], "model": asked["model"]}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None: ...


class TestOpenAIEmbedder(EmbedderContract):
    @pytest.fixture(scope="class")
    @classmethod
    def embedder(cls) -> Iterator[Embedder]:
        with ThreadingHTTPServer(("127.0.0.1", 0), EmbeddingsServer) as server:
            thread = threading.Thread(target=server.serve_forever, args=(0.01,))
            thread.start()
            embedder = OpenAIEmbedder(f"http://127.0.0.1:{server.server_address[1]}/v1", "words")
            yield embedder
            embedder.close()
            server.shutdown()
            thread.join()
