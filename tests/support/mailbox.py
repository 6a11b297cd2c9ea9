# SPDX-License-Identifier: GPL-2.0-or-later
"""Messages where they arrive: a mailbox, over IMAP, or the ordinary host's Maildir.

    with Mailbox(tls, address, user, password) as mailbox:
        [raw] = mailbox.wait_for(1, containing=b"<id@client>")

All is given as the exact bytes that are stored, with CRLF.
"""

import imaplib
import re
import ssl
from pathlib import Path

from support.waiting import PATIENCE, wait_until


class Messages:
    """Messages that arrive somewhere, as the exact bytes that are stored (with CRLF)."""

    def all(self) -> list[bytes]:
        raise NotImplementedError

    def wait_for(self, count: int, containing: bytes = b"") -> list[bytes]:
        """The messages with these bytes in them, as soon as there are `count`; more is a failure."""
        def enough():
            found = [raw for raw in self.all() if containing in raw]
            return found if len(found) >= count else None

        found = wait_until(enough, f"{count} messages with {containing!r} in {self}")
        if len(found) > count:
            raise AssertionError(f"{len(found)} messages instead of {count} in {self}")
        return found


class Mailbox(Messages):
    def __init__(self, tls: ssl.SSLContext, address: list, user: str, password: str):
        self._user = user
        self._fetched: dict[bytes, bytes] = {}
        self._log_in = lambda: self._logged_in(tls, address, password)
        self._imap = self._log_in()
        self._was_opened = False

    def _logged_in(self, tls: ssl.SSLContext, address: list, password: str) -> imaplib.IMAP4_SSL:
        imap = imaplib.IMAP4_SSL(*address, ssl_context=tls, timeout=PATIENCE)
        imap.login(self._user, password)
        return imap

    def _open(self) -> None:
        """Dovecot 2.3 makes the folder when it is first opened. Where a delivery does so at the same moment,
        the two wait for each other's locks; it sees that, and ends this session."""
        try:
            answer = self._imap.select("INBOX", readonly=True)
        except imaplib.IMAP4.abort:
            if self._was_opened:
                raise
            self._imap.shutdown()
            self._imap = self._log_in()
            answer = self._imap.select("INBOX", readonly=True)
        expect_ok(answer)
        self._was_opened = True

    def __str__(self) -> str:
        return self._user

    def __enter__(self) -> "Mailbox":
        return self

    def __exit__(self, *_) -> None:
        self._imap.logout()

    def all(self) -> list[bytes]:
        self._open()
        uids = expect_ok(self._imap.uid("SEARCH", "ALL"))[0].split()
        for uid in uids:
            if uid not in self._fetched:
                self._fetched[uid] = expect_ok(self._imap.uid("FETCH", uid, "(BODY.PEEK[])"))[0][1]
        return [self._fetched[uid] for uid in uids]

    def append(self, message: bytes) -> None:
        """As a mail program keeps what it has sent."""
        expect_ok(self._imap.append("INBOX", None, None, message))

    def octets_used(self) -> int:
        """As the quota counts them (RFC 9208): in units of 1,024."""
        _, [quota] = expect_ok(self._imap.getquotaroot("INBOX"))
        return 1024 * int(re.search(rb"STORAGE (\d+)", quota)[1])

    def threads(self) -> list[set[str]]:
        """What Dovecot shows together (RFC 5256, REFERENCES): the Message-IDs of each thread."""
        self._open()
        [answer] = expect_ok(self._imap.uid("THREAD", "REFERENCES", "UTF-8", "ALL"))
        threads, depth = [], 0
        for token in re.findall(rb"[()]|\d+", answer):
            if token == b"(" and (depth := depth + 1) == 1:
                threads.append(set())
            elif token == b")":
                depth -= 1
            elif token != b"(":
                field = expect_ok(self._imap.uid(
                    "FETCH", token.decode(), "(BODY.PEEK[HEADER.FIELDS (MESSAGE-ID)])"))[0][1]
                threads[-1].add(field.decode().partition(":")[2].strip())
        return threads

    def one(self, choose) -> bytes | None:
        """The message that `choose` takes from a list; None if there is none."""
        self._open()
        uids = expect_ok(self._imap.uid("SEARCH", "ALL"))[0].split()
        if not uids:
            return None
        return expect_ok(self._imap.uid("FETCH", choose(uids), "(BODY.PEEK[])"))[0][1]


def expect_ok(answer):
    status, data = answer
    if status != "OK":
        raise AssertionError(f"IMAP server says {status}: {data}")
    return data


class Maildir(Messages):
    """The ordinary host's store; a Maildir has LF, which is given back as CRLF."""

    def __init__(self, path: Path):
        self._path = path

    def __str__(self) -> str:
        return str(self._path)

    def all(self) -> list[bytes]:
        files = sorted((self._path / "new").iterdir())
        return [file.read_bytes().replace(b"\n", b"\r\n") for file in files]
