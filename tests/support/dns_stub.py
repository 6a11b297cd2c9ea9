# SPDX-License-Identifier: GPL-2.0-or-later
"""A name server on loopback for tests: MX records from a dictionary (RFC 1035, UDP alone).

    with DnsStub({"pec.alfa.example": ["mx.pec.alfa.example"]}) as dns:
        ask(dns.address)                        # "127.0.0.1:PORT"

A domain with an empty list has no MX record; None: the server fails; one that isn't there: no such
domain.
"""

import socketserver
import struct
import threading

MX, INTERNET = 15, 1
NO_ERROR, SERVER_FAILURE, NO_SUCH_NAME = 0, 2, 3
ANSWER, RECURSION_DESIRED_AND_AVAILABLE = 0x8000, 0x0180


def _name(name: str) -> bytes:
    labels = [label.encode() for label in name.split(".") if label]
    return b"".join(bytes([len(label)]) + label for label in labels) + b"\0"


def _question(query: bytes) -> tuple[str, bytes]:
    """The name that is asked about, and the whole question."""
    labels, at = [], 12
    while query[at]:
        labels.append(query[at + 1:at + 1 + query[at]].decode())
        at += 1 + query[at]
    return ".".join(labels), query[12:at + 5]


class _Handler(socketserver.DatagramRequestHandler):
    def handle(self):
        query = self.rfile.read()
        name, question = _question(query)
        code, records = NO_SUCH_NAME, []
        if name.lower() in self.server.records:
            hosts = self.server.records[name.lower()]
            code, records = (SERVER_FAILURE, []) if hosts is None else (NO_ERROR, hosts)
        answers = b""
        for preference, host in enumerate(records):
            data = struct.pack(">H", 10 * preference) + _name(host)
            # 0xC00C points to the name in the question.
            answers += struct.pack(">HHHIH", 0xC00C, MX, INTERNET, 60, len(data)) + data
        flags = ANSWER | RECURSION_DESIRED_AND_AVAILABLE | code
        self.wfile.write(query[:2] + struct.pack(">HHHHH", flags, 1, len(records), 0, 0)
                         + question + answers)


class DnsStub:
    def __init__(self, records: dict[str, list[str] | None]):
        self.records = records
        self._server = socketserver.ThreadingUDPServer(("127.0.0.1", 0), _Handler)
        self._server.daemon_threads = True
        self._server.records = records
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))

    @property
    def address(self) -> str:
        return "127.0.0.1:%d" % self._server.server_address[1]

    def __enter__(self) -> "DnsStub":
        self._thread.start()
        return self

    def __exit__(self, *_) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
