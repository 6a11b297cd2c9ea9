# SPDX-License-Identifier: GPL-2.0-or-later
"""A provider's Postfix, changed for a while: what it does when time runs out, where mail goes, and what
is broken. All is as before at the end.

    with ChangedPostfix(box.alfa) as postfix:
        postfix.set(maximal_queue_lifetime="2s")
        postfix.route("pec.gamma.example", sink.address)
"""

from pathlib import Path

from support.box import Provider
from support.pec_message import run

TABLES = {"routes": "site_transport_maps", "mailboxes": "mailbox_maps", "aliases": "site_alias_maps"}
INTERNAL = "pec-transport.regexp"
FILES = ["main.cf", "master.cf", INTERNAL, *TABLES.values()]


class ChangedPostfix:
    def __init__(self, provider: Provider):
        self._provider = provider
        self._folder = Path(provider.info["postfix_config"])
        self._host = provider.info["receipts"][0]
        self._receipts = _master_name(provider.info["receipts"])

    def __enter__(self) -> "ChangedPostfix":
        self._before = {name: (self._folder / name).read_bytes() for name in FILES}
        return self

    def __exit__(self, *_) -> None:
        for name, content in self._before.items():
            self._write(name, content)
        self._provider.reload_postfix()

    def _write(self, name: str, content: bytes) -> None:
        """At once: master says that it reloads before it reads, and may do so still."""
        new = self._folder / f"{name}.new"
        new.write_bytes(content)
        new.chmod((self._folder / name).stat().st_mode & 0o7777)
        new.replace(self._folder / name)

    def set(self, **settings: str) -> None:
        """Settings of main.cf."""
        self._postconf("-e", *(f"{name}={value}" for name, value in settings.items()))

    def set_service(self, service: str, **settings: str) -> None:
        """Settings of one service of master.cf: "127.0.0.1:465/inet", "mx/pass"."""
        self._postconf("-P", *(f"{service}/{name}={value}" for name, value in settings.items()))

    def route(self, domain: str, address: tuple[str, int]) -> None:
        """Mail for the domain goes to this server, in plain SMTP."""
        host, port = address
        self._enter("routes", domain, f"smtp:[{host}]:{port}")

    def add_mailbox(self, address: str) -> None:
        """One that Postfix takes for an existing mailbox; Dovecot knows nothing of it."""
        self._enter("mailboxes", address, address)

    def let_send(self, address: str, login: str) -> None:
        """The address is this login's, too."""
        self._enter("mailboxes", address, login)

    def add_alias(self, address: str, of: str) -> None:
        self._enter("aliases", address, of)

    def close_receipts_service(self) -> None:
        self.close_service("receipts")

    def close_service(self, name: str) -> None:
        """Nobody listens there any more. `name`: as in sandbox.json."""
        self._postconf("-MX", _master_name(self._provider.info[name]))

    def have_receipts_service_refuse(self) -> None:
        self._postconf("-P", f"{self._receipts}/smtpd_client_restrictions=reject")

    def mislead(self, event: str) -> None:
        """Internal recipients of this event are sent to a port where nobody listens."""
        file = self._folder / INTERNAL
        misleading = rf"/\.{event}\.pec\.internal$/ pecmany:[{self._host}]:1" + "\n"
        self._write(INTERNAL, misleading.encode() + file.read_bytes())
        self._provider.reload_postfix()

    def _postconf(self, *arguments: str) -> None:
        run(["/usr/sbin/postconf", "-c", self._folder, *arguments])
        self._provider.reload_postfix()

    def _enter(self, table: str, key: str, value: str) -> None:
        file = self._folder / TABLES[table]
        kept = [line for line in file.read_text().splitlines() if line.split()[0] != key]
        self._write(TABLES[table], "".join(f"{line}\n" for line in [*kept, f"{key} {value}"]).encode())
        self._provider.reload_postfix()


def _master_name(address: list) -> str:
    return ":".join(map(str, address)) + "/inet"
