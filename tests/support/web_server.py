# SPDX-License-Identifier: GPL-2.0-or-later
"""Web servers on loopback for tests: what they give out is a dictionary that the test changes.

    with WebServer() as web:                        # HTTP; HTTPS with tls=(certificate, key, client_ca)
        web.files["/root.crl"] = b"..."
        url = web.url("/root.crl")
    web.requests                                    # the paths that were asked for

A file may also be a function that gets the request's handler and answers by itself. Whoever has no
certificate of `client_ca` gets no further than the TLS handshake.
"""

import http.server
import ssl
import threading
from collections.abc import Callable
from pathlib import Path


class _Handler(http.server.BaseHTTPRequestHandler):
    timeout = 20

    def do_GET(self):
        web = self.server.web
        web.requests.append(self.path)
        file = web.files.get(self.path)
        if callable(file):
            file(self)
        elif file is None:
            self.send_error(404)
        else:
            self.send_response(200)
            self.send_header("Content-Length", str(len(file)))
            self.end_headers()
            self.wfile.write(file)

    def log_message(self, *arguments):
        pass


class _Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    context: ssl.SSLContext | None = None

    def get_request(self):
        connection, address = super().get_request()
        if self.context:
            # The handshake is made when the handler first reads: a slow client stops nobody else.
            connection = self.context.wrap_socket(connection, server_side=True,
                                                  do_handshake_on_connect=False)
        return connection, address

    def handle_error(self, request, client_address):
        pass  # a client that hangs up is what some tests are about


class WebServer:
    def __init__(self, tls: tuple[Path, Path, Path] | None = None, host: str = "127.0.0.1"):
        self.files: dict[str, bytes | Callable] = {}
        self.requests: list[str] = []
        self._host = host
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.web = self
        self._scheme = "http"
        if tls:
            certificate, key, client_ca = tls
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate, key)
            context.load_verify_locations(client_ca)
            context.verify_mode = ssl.CERT_REQUIRED
            self._server.context = context
            self._scheme = "https"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))

    @property
    def port(self) -> int:
        return self._server.server_address[1]

    def url(self, path: str) -> str:
        return f"{self._scheme}://{self._host}:{self.port}{path}"

    def __enter__(self) -> "WebServer":
        self._thread.start()
        return self

    def __exit__(self, *_) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


def redirect_to(url: str) -> Callable:
    def answer(handler) -> None:
        handler.send_response(302)
        handler.send_header("Location", url)
        handler.send_header("Content-Length", "0")
        handler.end_headers()
    return answer


def half_of(content: bytes) -> Callable:
    """Promises all of it, gives half, and hangs up."""
    def answer(handler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(content)))
        handler.end_headers()
        handler.wfile.write(content[:len(content) // 2])
    return answer
