"""An HTTP server on loopback with real sockets, told by its test what to answer.

It runs in threads of its own, so that tests with and without an event loop, and programs in other processes, can all
talk to it:

    with HttpServer() as server:
        server.publishes("/feed", body, etag='"v1"')
        server.answers("/hook", 500, 500, 200)
        ...
        assert [request.path for request in server.requests] == [...]

It can misbehave on purpose: drip, stall, end early, lie about lengths and encodings, send raw bytes.
"""

from __future__ import annotations

import contextlib
import gzip
import socket
import ssl
import threading
import time
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from types import TracebackType
from typing import Self, TypeAlias

_MAX_HEAD_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Received:
    """One request as it came: names of `headers` in lower case, several of one name joined by ", "; `at` in monotonic
    seconds.
    """

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes
    at: float

    @property
    def path(self) -> str:
        """The target without its query."""
        return self.target.partition("?")[0]


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer. `raw` replaces status line, headers and body; `headers` may hold one name several times.

    `length` is what Content-Length claims, None = the truth, -1 = no such header. `step_bytes` and `every_seconds`
    make the whole answer drip; `wait_seconds` delays its first byte; `stalls` keeps the connection open after the
    last byte.
    """

    status: int = 200
    body: bytes = b""
    headers: Sequence[tuple[str, str]] = ()
    raw: bytes | None = None
    length: int | None = None
    step_bytes: int = 0
    every_seconds: float = 0.0
    wait_seconds: float = 0.0
    stalls: bool = False
    has_body: bool = True

    def as_bytes(self) -> bytes:
        """Return everything that goes over the wire."""
        if self.raw is not None:
            return self.raw
        lines = [f"HTTP/1.1 {self.status} {_reason(self.status)}"]
        lines += [f"{name}: {value}" for name, value in self.headers]
        length = len(self.body) if self.length is None else self.length
        if length >= 0 and self.status != HTTPStatus.NOT_MODIFIED:
            lines.append(f"Content-Length: {length}")
        lines.append("Connection: close")
        head = ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")
        return head + (self.body if self.has_body else b"")


Handler: TypeAlias = Callable[[Received], Answer]
Scripted: TypeAlias = "int | Answer"


@dataclass(slots=True)
class _Script:
    """Answers given one after the other; the last one for ever."""

    answers: Sequence[Answer]
    given: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def __call__(self, request: Received) -> Answer:
        with self.lock:
            answer = self.answers[min(self.given, len(self.answers) - 1)]
            self.given += 1
        return answer


class HttpServer:
    """Listens from `__enter__` to `__exit__`; a path that nobody told it about is 404."""

    def __init__(self, *, host: str = "127.0.0.1", tls: ssl.SSLContext | None = None) -> None:
        self._host = host
        self._tls = tls
        self._handlers: dict[str, Handler] = {}
        self._requests: list[Received] = []
        self._changed = threading.Condition()
        self._stopping = threading.Event()
        self._socket: socket.socket | None = None
        self._threads: list[threading.Thread] = []
        self._open: set[socket.socket] = set()
        self._now = 0
        self._most = 0
        self._connections = 0

    # -- what the test says ---------------------------------------------------------------------

    def publishes(
        self,
        path: str,
        body: bytes | str,
        *,
        etag: str = "",
        last_modified: str = "",
        content_type: str = "application/rss+xml; charset=utf-8",
        headers: Mapping[str, str] | None = None,
    ) -> str:
        """Serve a document that honours If-None-Match and If-Modified-Since byte for byte; return its URL."""
        raw = body.encode() if isinstance(body, str) else body
        extra = [*(headers or {}).items()]
        extra += [("ETag", etag)] if etag else []
        extra += [("Last-Modified", last_modified)] if last_modified else []

        def answer(request: Received) -> Answer:
            known = (etag and request.headers.get("if-none-match") == etag) or (
                last_modified and request.headers.get("if-modified-since") == last_modified
            )
            if known:
                return Answer(304, headers=extra)
            return Answer(200, raw, [("Content-Type", content_type), *extra])

        return self.on(path, answer)

    def answers(
        self, path: str, *answers: Scripted, body: bytes = b"", headers: Mapping[str, str] | None = None
    ) -> str:
        """Answer one after the other, the last one for ever; a number is a status with `body` and `headers`. Return
        the URL.
        """
        extra = [*(headers or {}).items()]
        script = [answer if isinstance(answer, Answer) else Answer(answer, body, extra) for answer in answers]
        return self.on(path, _Script(script))

    def redirects(self, path: str, target: str, *, status: int = 302) -> str:
        """Send everybody on to `target`, which is put into Location as it is; return the URL."""
        return self.answers(path, Answer(status, headers=[("Location", target)]))

    def compresses(self, path: str, body: bytes, *, encoding: str = "gzip", label: str | None = None) -> str:
        """Serve `body` in gzip or deflate, under the name `label` where that lies; return the URL."""
        packed = gzip.compress(body) if encoding == "gzip" else zlib.compress(body)
        return self.answers(path, Answer(200, packed, [("Content-Encoding", label or encoding)]))

    def bombs(self, path: str, *, decoded_bytes: int, encoding: str = "gzip") -> str:
        """Serve a small answer that unpacks to so many zeros; return the URL."""
        packer = zlib.compressobj(9, zlib.DEFLATED, 31 if encoding == "gzip" else 15)
        block = bytes(1 << 20)
        parts = [packer.compress(block) for _ in range(decoded_bytes >> 20)]
        packed = b"".join(parts) + packer.flush()
        return self.answers(path, Answer(200, packed, [("Content-Encoding", encoding)]))

    def truncates(self, path: str, body: bytes, *, missing: int = 1) -> str:
        """Claim the whole length but end `missing` bytes early; return the URL."""
        return self.answers(path, Answer(200, body[: len(body) - missing], length=len(body)))

    def drips(self, path: str, body: bytes, *, every_seconds: float = 0.02, step_bytes: int = 1) -> str:
        """Send head and body in tiny steps; return the URL."""
        return self.answers(path, Answer(200, body, step_bytes=step_bytes, every_seconds=every_seconds))

    def stalls(self, path: str) -> str:
        """Take the request and never say anything; return the URL."""
        return self.answers(path, Answer(raw=b"", stalls=True))

    def closes(self, path: str) -> str:
        """Take the request and close the connection without a word; return the URL."""
        return self.answers(path, Answer(raw=b""))

    def says(self, path: str, raw: bytes) -> str:
        """Send these bytes, whatever they are, and close; return the URL."""
        return self.answers(path, Answer(raw=raw))

    def on(self, path: str, handler: Handler) -> str:
        """Let a function answer, called in a thread of the server; return the URL."""
        with self._changed:
            self._handlers[path] = handler
        return self.url(path)

    # -- what the test sees ---------------------------------------------------------------------

    def url(self, path: str = "/", *, host: str = "") -> str:
        """Return the URL of a path, under another name of this host if one is given."""
        scheme = "https" if self._tls else "http"
        return f"{scheme}://{host or self._host}:{self.port}{path}"

    @property
    def port(self) -> int:
        """The port it listens on."""
        assert self._socket is not None, "the server is not running"
        port: int = self._socket.getsockname()[1]
        return port

    @property
    def requests(self) -> list[Received]:
        """Every whole request so far, in order of arrival."""
        with self._changed:
            return list(self._requests)

    def requests_to(self, path: str) -> list[Received]:
        """Every whole request to one path so far."""
        return [request for request in self.requests if request.path == path]

    @property
    def connections(self) -> int:
        """How many connections were accepted, with or without a request."""
        with self._changed:
            return self._connections

    @property
    def most_at_once(self) -> int:
        """The most requests that were in hand at the same moment."""
        with self._changed:
            return self._most

    def waits_for(self, path: str, count: int = 1, *, seconds: float = 10.0) -> list[Received]:
        """Block until so many requests to a path came and return them; from async code call it in a thread.

        Raises:
            TimeoutError: fewer came in that time.
        """

        def enough() -> bool:
            return sum(request.path == path for request in self._requests) >= count

        with self._changed:
            if not self._changed.wait_for(enough, seconds):
                raise TimeoutError(f"fewer than {count} requests to {path}")
        return self.requests_to(path)

    # -- running --------------------------------------------------------------------------------

    def __enter__(self) -> Self:
        self._socket = socket.create_server((self._host, 0), backlog=256)
        acceptor = threading.Thread(target=self._accept, args=(self._socket,), daemon=True)
        self._threads.append(acceptor)
        acceptor.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stopping.set()
        assert self._socket is not None
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        with self._changed:
            still_open = list(self._open)
        for connection in still_open:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(5)

    def _accept(self, listener: socket.socket) -> None:
        while not self._stopping.is_set():
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with self._changed:
                self._connections += 1
                self._open.add(connection)
            thread = threading.Thread(target=self._serve, args=(connection,), daemon=True)
            self._threads = [*(alive for alive in self._threads if alive.is_alive()), thread]
            thread.start()

    def _serve(self, plain: socket.socket) -> None:
        connection = plain
        try:
            connection.settimeout(30)
            if self._tls is not None:
                connection = self._tls.wrap_socket(plain, server_side=True)
                with self._changed:
                    self._open.add(connection)
            request = _read_request(connection)
            if request is not None:
                self._answer(connection, request)
        except (OSError, ValueError):
            return  # the client went away or sent nonsense; what came before is already noted
        finally:
            with self._changed:
                self._open -= {plain, connection}
            connection.close()
            plain.close()

    def _answer(self, connection: socket.socket, request: Received) -> None:
        with self._changed:
            self._requests.append(request)
            self._now += 1
            self._most = max(self._most, self._now)
            handler = self._handlers.get(request.path) or self._handlers.get("*")
            self._changed.notify_all()
        try:
            answer = handler(request) if handler else Answer(404, b"nothing here")
            self._stopping.wait(answer.wait_seconds)
            *first, last = _steps(answer, head_only=request.method == "HEAD")
            for step in first:
                connection.sendall(step)
                if self._stopping.wait(answer.every_seconds):
                    return
        finally:
            # Before the last bytes: a client that has its answer may be back before this thread goes on.
            with self._changed:
                self._now -= 1
        connection.sendall(last)
        if answer.stalls:
            self._stopping.wait()
        # A close with unread input resets the connection and loses the answer; so say goodbye and drain.
        with contextlib.suppress(OSError):
            connection.shutdown(socket.SHUT_WR)
            connection.settimeout(1)
            while connection.recv(65536):
                pass


def _read_request(connection: socket.socket) -> Received | None:
    """Return the request on this connection, or None when it was closed before a whole one came."""
    data = b""
    while b"\r\n\r\n" not in data:
        part = connection.recv(65536)
        if not part or len(data) > _MAX_HEAD_BYTES:
            return None
        data += part
    head, _, body = data.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    method, target, _ = first.split(" ", 2)
    headers: dict[str, str] = {}
    for line in lines:
        name, _, value = line.partition(":")
        key = name.strip().lower()
        headers[key] = f"{headers[key]}, {value.strip()}" if key in headers else value.strip()
    missing = int(headers.get("content-length", "0")) - len(body)
    while missing > 0:
        part = connection.recv(min(missing, 65536))
        if not part:
            return None
        body += part
        missing -= len(part)
    return Received(method, target, headers, body, time.monotonic())


def _steps(answer: Answer, *, head_only: bool) -> list[bytes]:
    """Return the answer's bytes in the pieces to send them in; at least one, maybe empty."""
    data = answer.as_bytes()
    if head_only:
        data = data.partition(b"\r\n\r\n")[0] + b"\r\n\r\n"
    size = answer.step_bytes or max(len(data), 1)
    return [data[start : start + size] for start in range(0, max(len(data), 1), size)]


def _reason(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Unknown"
