"""A model server that answers at once, and fails for given words."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread


class ModelServer:
    """Answers every question with ``reply``, or an adapter's ``replies``; fails for ``failing``.

    ``failing`` has the status for each word of a question.
    """

    def __init__(self) -> None:
        self.reply = "Pike."
        self.replies: dict[str, str] = {}
        self.failing: dict[str, int] = {}
        self.cards: list[dict[str, object]] = [{"id": "double", "object": "model"}]
        self.loads_adapters = True
        self.asked: list[str] = []
        self.url = ""
        self.lock = Lock()

    def status_for(self, prompt: str) -> int:
        with self.lock:
            self.asked.append(prompt)
            return next((code for word, code in self.failing.items() if word in prompt), 200)


@contextmanager
def model_server() -> Iterator[ModelServer]:
    double = ModelServer()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            cards = {"object": "list", "data": double.cards}
            self._send(200, json.dumps(cards).encode(), "application/json")

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["content-length"])))
            if body.get("lora_name") in double.replies:  # a request to load or unload an adapter
                self._send(200, b"{}", "application/json")
                return
            if "lora_name" in body and double.loads_adapters:
                refusal = {"error": {"message": "unknown", "code": "adapter_not_loaded"}}
                self._send(400, json.dumps(refusal).encode(), "application/json")
                return
            if "messages" not in body:  # what not every server supports
                self._send(404, b"{}", "application/json")
                return
            status = double.status_for(body["messages"][-1]["content"])
            if status != 200:
                self._send(status, b'{"error": {"message": "broken"}}', "application/json")
                return
            reply = double.replies.get(body["model"], double.reply)
            delta = {"choices": [{"index": 0, "delta": {"content": reply}}]}
            end = {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}
            lines = [
                f"data: {json.dumps({'id': '1', 'model': 'm', **one})}" for one in (delta, end)
            ]
            text = "\n\n".join([*lines, "data: [DONE]", ""])
            self._send(200, text.encode(), "text/event-stream")

        def _send(self, status: int, body: bytes, kind: str) -> None:
            self.send_response(status)
            self.send_header("content-type", kind)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        double.url = f"http://127.0.0.1:{server.server_port}/v1"
        thread = Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield double
        finally:
            server.shutdown()
            thread.join()
