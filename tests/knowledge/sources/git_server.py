"""Real git repositories, and a server on loopback that gives them away by git's own program."""

import os
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

ENVIRONMENT = {
    "PATH": os.defpath,
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_AUTHOR_NAME": "Ann",
    "GIT_AUTHOR_EMAIL": "ann@example.org",
    "GIT_COMMITTER_NAME": "Ann",
    "GIT_COMMITTER_EMAIL": "ann@example.org",
}


class Repository:
    """A repository in ``folder``, with the branch ``main``."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True)
        self.git("init", "--quiet", "--initial-branch=main")
        self.git("config", "uploadpack.allowFilter", "true")
        self.git("config", "uploadpack.allowAnySHA1InWant", "true")

    @property
    def uri(self) -> str:
        return f"git+file://{self.folder}"

    def git(self, *arguments: str, date: str = "2026-01-01T00:00:00Z") -> str:
        dates = {"GIT_AUTHOR_DATE": date, "GIT_COMMITTER_DATE": date}
        command = ["git", "-C", str(self.folder), *arguments]
        done = subprocess.run(
            command, env=ENVIRONMENT | dates, check=True, capture_output=True, text=True
        )
        return done.stdout.strip()

    def write(self, name: str | bytes, content: bytes | str) -> None:
        path = os.path.join(os.fsencode(self.folder), os.fsencode(name))  # noqa: PTH118
        os.makedirs(os.path.dirname(path), exist_ok=True)  # noqa: PTH103, PTH120
        with open(path, "wb") as file:  # noqa: PTH123
            file.write(content.encode() if isinstance(content, str) else content)

    def commit(self, date: str = "2026-01-01T00:00:00Z", **files: str) -> None:
        """Writes ``files``, whose names get the ending ``.md``, and commits everything."""
        for name, content in files.items():
            self.write(f"{name}.md", content)
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "-m", "A change", date=date)


@contextmanager
def serving(folder: Path) -> Iterator[tuple[str, list[bytes]]]:
    """Serves the repositories below ``folder``; gives the address, and what clients sent."""
    sent: list[bytes] = []
    asked = subprocess.run(["git", "--exec-path"], capture_output=True, text=True, check=True)
    program = Path(asked.stdout.strip())

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.do_POST()

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
            sent.append(body)
            path, _, query = self.path.partition("?")
            variables = {
                "GIT_PROJECT_ROOT": str(folder),
                "GIT_HTTP_EXPORT_ALL": "1",
                "PATH_INFO": path,
                "QUERY_STRING": query,
                "REQUEST_METHOD": self.command,
                "CONTENT_TYPE": self.headers.get("Content-Type", ""),
                "CONTENT_LENGTH": str(len(body)),
                "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""),
                "GIT_PROTOCOL": self.headers.get("Git-Protocol", ""),
            }
            done = subprocess.run(
                [str(program / "git-http-backend")],
                input=body,
                env=ENVIRONMENT | variables,
                capture_output=True,
            )
            head, _, content = done.stdout.partition(b"\r\n\r\n")
            fields = dict(line.split(": ", 1) for line in head.decode().splitlines())
            self.send_response(int(fields.pop("Status", "200").split()[0]))
            for name, value in fields.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}", sent
        finally:
            server.shutdown()
            thread.join()
