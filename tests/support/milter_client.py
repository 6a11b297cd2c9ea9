# SPDX-License-Identifier: GPL-2.0-or-later
"""Speaks the milter protocol (version 6) from the mail server's side, as Postfix does: for tests that
drive a milter over its socket, without a mail server.

    with Milter(socket_path, "pec-access") as milter:
        outcome = milter.send(Message(sender, [recipient], headers, body), login="anna@pec.alfa.example")
        outcome.verdict                   # "continue", "accept", "discard", "reject", "tempfail"
        outcome.message                   # what would stand in the queue now

Header values are raw, leading blank included, with "\n" folds, as Postfix gives and takes them.
"""

import socket
import struct
from dataclasses import dataclass, field, replace
from pathlib import Path

ALL_ACTIONS = 0x1FF
LEADING_BLANKS = 0x100000
NO_HELO, NO_END_OF_HEADER, NO_DATA = 0x02, 0x40, 0x200  # steps that a milter may do without
OFFERED = LEADING_BLANKS | NO_HELO | NO_END_OF_HEADER | NO_DATA | 0x100
VERDICTS = {b"c": "continue", b"a": "accept", b"d": "discard", b"r": "reject", b"t": "tempfail"}
CHUNK = 65535
PATIENCE = 120.0


@dataclass
class Message:
    """A queue file: envelope and content."""

    sender: str
    recipients: list[str]
    headers: list[tuple[str, str]]
    body: bytes

    @classmethod
    def parse(cls, sender: str, recipients: list[str], wire: bytes) -> "Message":
        head, _, body = wire.partition(b"\r\n\r\n")
        headers: list[tuple[str, str]] = []
        for line in head.decode("latin-1").split("\r\n"):
            if line[0] in " \t":
                name, value = headers.pop()
                headers.append((name, f"{value}\n{line}"))
            else:
                name, _, value = line.partition(":")
                headers.append((name, value))
        return cls(sender, recipients, headers, body)

    def wire(self) -> bytes:
        head = "".join(f"{name}:{value}\n" for name, value in self.headers)
        return head.replace("\n", "\r\n").encode("latin-1") + b"\r\n" + self.body

    def header(self, name: str) -> str:
        """The value of a field that is there exactly once, on one line."""
        [value] = [value for each, value in self.headers if each.lower() == name.lower()]
        return value.replace("\n", "").strip()


@dataclass
class Outcome:
    verdict: str
    message: Message
    edits: int = 0  # of header and body
    reply: str = ""  # what the client is told, where the milter chose it
    added: list[str] = field(default_factory=list)  # recipients


class Milter:
    def __init__(self, path: Path, daemon_name: str):
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.settimeout(PATIENCE)
        try:
            self._socket.connect(str(path))
        except OSError:
            self._socket.close()
            raise
        self._input = self._socket.makefile("rb")
        self._put(b"O", struct.pack("!III", 6, ALL_ACTIONS, OFFERED))
        kind, data = self._get()
        if kind != b"O":
            raise AssertionError(f"no negotiation, but {kind!r}")
        self._steps = struct.unpack("!III", data[:12])[2]
        self._macros(b"C", {"j": "mx.pec.alfa.example", "{daemon_name}": daemon_name})
        self.verdict = self._ask(b"C", b"client.example\0" + b"4" + struct.pack("!H", 40000) + b"127.0.0.1\0")

    def __enter__(self) -> "Milter":
        return self

    def __exit__(self, *_) -> None:
        self.close()

    def close(self) -> None:
        self._put(b"Q", b"")
        self._input.close()
        self._socket.close()

    def send(self, message: Message, queue_id: str = "4TEST", login: str = "") -> Outcome:
        """A whole transaction. The first refusal ends it."""
        refused = self._begin(message, login) or self._content(message)
        if refused:
            self.abort()
            return Outcome(refused, message)
        self._macros(b"E", {"i": queue_id})
        self._put(b"E", b"")
        return self._take_edits(message)

    def give_up(self, message: Message, login: str = "") -> None:
        """The client goes away before the end of its message."""
        refused = self._begin(message, login) or self._content(message)
        if refused:
            raise AssertionError(refused)
        self.abort()

    def pour_fields(self, sender: str, count: int) -> str | None:
        """Header fields, as many and as small as they come, without waiting for each answer."""
        self._begin(Message(sender, [sender], [], b""), "")
        for _ in range(0, count, 1000):
            self._socket.sendall(1000 * (struct.pack("!I", 4) + b"La\0\0"))
            # After a refusal there are no more answers.
            if any(self._get()[0] != b"c" for _ in range(1000)):
                return "refused"
        return None

    def abort(self) -> None:
        self._put(b"A", b"")

    def _begin(self, message: Message, login: str) -> str | None:
        if not self._steps & NO_HELO:
            self._ask(b"H", b"client.example\0")
        self._macros(b"M", {"{mail_addr}": message.sender}
                     | ({"{auth_authen}": login} if login else {}))
        verdicts = [self._ask(b"M", f"<{message.sender}>".encode() + b"\0")]
        for each in message.recipients:
            self._macros(b"R", {"{rcpt_addr}": each, "{rcpt_mailer}": "smtp"})
            verdicts.append(self._ask(b"R", f"<{each}>".encode() + b"\0"))
        return next((each for each in verdicts if each != "continue"), None)

    def _content(self, message: Message) -> str | None:
        steps = [] if self._steps & NO_DATA else [(b"T", b"")]
        steps += [(b"L", f"{name}\0{value}\0".encode("latin-1")) for name, value in message.headers]
        steps += [] if self._steps & NO_END_OF_HEADER else [(b"N", b"")]
        steps += [(b"B", message.body[at:at + CHUNK]) for at in range(0, len(message.body), CHUNK)]
        verdicts = (self._ask(kind, data) for kind, data in steps)
        return next((each for each in verdicts if each != "continue"), None)

    def _take_edits(self, message: Message) -> Outcome:
        outcome = Outcome("", replace(message, recipients=list(message.recipients),
                                      headers=list(message.headers)))
        body = bytearray()
        while not outcome.verdict:
            kind, data = self._get()
            if kind == b"b":
                body += data
            elif kind == b"y":
                outcome.reply = data.rstrip(b"\0").decode()
                outcome.verdict = "reject" if outcome.reply.startswith("5") else "tempfail"
            elif kind in VERDICTS:
                outcome.verdict = VERDICTS[kind]
            elif kind != b"p":
                edit(outcome, kind, data)
        if body:
            outcome.message.body = bytes(body)
            outcome.edits += 1
        return outcome

    def _macros(self, stage: bytes, values: dict[str, str]) -> None:
        self._put(b"D", stage + b"".join(f"{name}\0{value}\0".encode() for name, value in values.items()))

    def _ask(self, kind: bytes, data: bytes) -> str:
        self._put(kind, data)
        kind, data = self._get()
        if kind == b"y":
            return "reject" if data.startswith(b"5") else "tempfail"
        return VERDICTS[kind]

    def _put(self, kind: bytes, data: bytes) -> None:
        self._socket.sendall(struct.pack("!I", len(data) + 1) + kind + data)

    def _get(self) -> tuple[bytes, bytes]:
        head = self._input.read(5)
        if len(head) < 5:
            raise AssertionError("the milter hung up")
        return head[4:], self._input.read(struct.unpack("!I", head[:4])[0] - 1)


def edit(outcome: Outcome, kind: bytes, data: bytes) -> None:
    """One change to the queue file, as Postfix makes it."""
    message = outcome.message
    texts = [each.decode("latin-1") for each in (data[4:] if kind == b"m" else data).split(b"\0")]
    if kind in (b"+", b"2"):
        message.recipients.append(texts[0].strip("<>"))
        outcome.added.append(texts[0].strip("<>"))
    elif kind == b"-":
        message.recipients.remove(texts[0].strip("<>"))
    elif kind == b"e":
        message.sender = texts[0].strip("<>")
    elif kind == b"h":
        message.headers.append((texts[0], texts[1]))
        outcome.edits += 1
    elif kind == b"m" and not texts[1]:
        places = [at for at, (name, _) in enumerate(message.headers) if name.lower() == texts[0].lower()]
        del message.headers[places[struct.unpack("!I", data[:4])[0] - 1]]
        outcome.edits += 1
    else:
        raise AssertionError(f"an edit that no queue file was made for: {kind!r} {data!r}")
