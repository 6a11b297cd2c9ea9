# SPDX-License-Identifier: GPL-2.0-or-later
"""A sandbox that starts with what an earlier revision has left: queues, journals, ledgers, mailboxes, keys.

    sandbox = RestoredSandbox(Path("/tmp/x"), now=int(time.time()), server=None)
    sandbox.up(build_dir)               # the new programs find it all; then as with any sandbox

The ledgers are SQL, the journals text, the rest lies in state.tar.xz; README.md says how they were made.
"""

import base64
import hashlib
import hmac
import os
import re
import shutil
import sqlite3
import tarfile
from contextlib import closing
from pathlib import Path

from support.mail_hosts import MAIL_UID
from support.pki import Pki
from support.postgresql import Postgresql
from support.provider import MILTER_UID, Provider, Site
from support.sandbox import ORDINARY_HOST, Sandbox

HERE = Path(__file__).resolve().parent
SECONDS_AGO = 60  # so long ago the old programs have died


class RestoredSandbox(Sandbox):
    """`server`: where the ledgers are to be, if not in files of SQLite's."""

    def __init__(self, directory: Path, now: int, server: Postgresql | None):
        super().__init__(directory)
        self._now = now
        self._server = server

    def _make_certificates(self, address: str) -> Pki:
        """Those that sign are the old ones. Those for TLS name this sandbox's address."""
        with tarfile.open(HERE / "state.tar.xz") as archive:
            archive.extractall(self.directory / "state")
        folder = self.directory / "pki"
        shutil.copytree(self.directory / "state" / "pki", folder)
        pki = Pki(folder)
        for provider in self._providers:
            pki.begin_tls(provider.tls, provider.host, address)
        pki.begin_tls("ordinaria-tls", ORDINARY_HOST, address)
        pki.finish()
        return pki

    def _ldif(self, pki: Pki) -> str:
        return super()._ldif(pki) + "\n" + (HERE / "gamma.ldif").read_text(encoding="utf-8")

    def _prepare(self, build_dir: Path) -> Site:
        site = super()._prepare(build_dir)
        for provider in self._providers:
            self._restore(provider)
        return site

    def _restore(self, provider: Provider) -> None:
        state = self.directory / "state" / provider.key
        for name in ("internal.secret", "delivery.secret"):
            (provider.directory / name).write_bytes((state / name).read_bytes())
        self._restore_ledger(provider)
        homes = provider.dovecot.homes
        shutil.copytree(state / "homes", homes, dirs_exist_ok=True)
        for home in homes.iterdir():
            journal = home / "pec-delivery-journal"
            journal.write_text(aged(stored_journal(home.name), self._now))
            journal.chmod(0o600)
        own(homes, MAIL_UID, MAIL_UID)
        self._restore_queue(provider, state / "queue")

    def _restore_ledger(self, provider: Provider) -> None:
        """With a server, too, there is a file: Postfix looks there for mailboxes that were revoked."""
        sql = stored_ledger(provider.key)
        with closing(sqlite3.connect(provider.ledger)) as ledger:
            ledger.executescript(sql)
        os.chown(provider.ledger, MILTER_UID, -1)
        provider.ledger.chmod(0o640)
        if self._server is None:
            return
        self._server.create(provider.key)
        # The old programs compared texts there by their octets, too.
        self._server.query(provider.key, re.sub(
            r"(?ms)^CREATE TABLE .*?;$", lambda made: made[0].replace("TEXT", 'TEXT COLLATE "C"'), sql))
        config = provider.config.read_text(encoding="utf-8")
        provider.config.write_text(config.replace(f"sqlite3://{provider.ledger}",
                                                  self._server.uri(provider.key)), encoding="utf-8")

    def _restore_queue(self, provider: Provider, stored: Path) -> None:
        postfix = provider.postfix
        secret = bytes.fromhex((provider.directory / "internal.secret").read_text())
        shutil.copytree(stored, postfix.queue, dirs_exist_ok=True)
        for folder in stored.iterdir():
            own(postfix.queue / folder.name, "postfix", None)
            for file in (postfix.queue / folder.name).iterdir():
                if folder.name != "bounce":
                    content = arrived_later(file.read_bytes(), self._now)
                    file.write_bytes(owed_later(content, secret, self._now))
        # A queue file's name says where it lay on the disk: after a restore it gets another one.
        postfix.command("postsuper", "-s")
        start = postfix.start

        def start_after_the_milter():
            """With the first message Postfix looks into the ledger, which the milter has to convert."""
            self._programs.wait_for(provider.milter_name, provider.milter_socket)
            start()

        postfix.start = start_after_the_milter


def stored_ledger(key: str) -> str:
    return (HERE / f"{key}.sql").read_text(encoding="utf-8")


def stored_journal(mailbox: str) -> str:
    return (HERE / "journals" / mailbox).read_text(encoding="utf-8")


def aged(journal: str, now: int) -> str:
    """A journal of the old format as it would be if its last record had just been written: what it knows of
    messages that no queue can hold any more doesn't count."""
    first, *lines = journal.splitlines()
    later = time_passed(now)
    *words, begun = first.split()
    aged_lines = [" ".join([*words, str(int(begun) + later)])]
    for line in lines:
        key, state, at, rest = line.split(" ", 4)[1:]
        content = f"{key} {state} {int(at) + later} {rest}"
        aged_lines.append(f"{hashlib.sha256(content.encode()).hexdigest()[:8]} {content}")
    return "".join(f"{line}\n" for line in aged_lines)


def arrived_later(queue_file: bytes, now: int) -> bytes:
    """The same for a message in Postfix's queue, which expires: its records of when it came."""
    def later(found: re.Match) -> bytes:
        return found[1] + str(int(found[2]) + time_passed(now)).encode()

    for record in (rb"(T[\x0c-\x11])(\d{10})(?= )", rb"(create_time=)(\d{10})"):
        queue_file, times = re.subn(record, later, queue_file, count=1)
        if not times and record.startswith(b"(T"):
            raise AssertionError("a queue file doesn't say when the message came")
    return queue_file


def owed_later(queue_file: bytes, secret: bytes, now: int) -> bytes:
    """The same for internal recipients `errore`, which the programs of now take from those before for
    some time only. They are made here as those have made them: bound to the notification alone."""
    def mac(recipient: str, stamp: str) -> str:
        notification = re.search(rb"(?i)message-id: <([^>]+)>", queue_file)[1].decode()
        content = f"errore\n{recipient}\n{stamp}\n{notification}"
        digest = hmac.digest(secret, content.encode(), "sha256")[:20]
        return base64.b32encode(digest).decode().lower()

    def later(found: re.Match) -> bytes:
        recipient, stamp, known = (part.decode() for part in found.groups())
        if known != mac(recipient, stamp):
            raise AssertionError(f"not as the old programs have made it: {found[0]}")
        stamp = str(int(stamp) + time_passed(now))
        return f"{recipient}.{stamp}.{mac(recipient, stamp)}.errore.pec.internal".encode()

    return re.sub(rb"([a-z]+@[a-z.]+)\.(\d{10})\.([a-z2-7]{32})\.errore\.pec\.internal", later,
                  queue_file)


def time_passed(now: int) -> int:
    """From the last record of all journals to shortly before the test."""
    last = max(int(line.split()[3]) for file in (HERE / "journals").iterdir()
               for line in file.read_text().splitlines()[1:])
    return max(0, now - SECONDS_AGO - last)


def own(folder: Path, user, group) -> None:
    for path in (folder, *folder.rglob("*")):
        shutil.chown(path, user, group)
