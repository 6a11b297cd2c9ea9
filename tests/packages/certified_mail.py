# SPDX-License-Identifier: GPL-2.0-or-later
"""Certified mail on a host that `pecctl setup` has made, as somebody with an ordinary mail program has it.

    mail = CertifiedMail(host, wire, host.addresses[1])
    mail.add("anna"), mail.add("bruno")
    mail.exchange("anna", "bruno")      # sent, accepted, delivered, read: or an AssertionError with the logs

The client is Python's, on the wire, not on the host. It trusts the trial's authority alone and checks the host's name.
"""

import email
import email.policy
import imaplib
import smtplib
import socket
import ssl
import uuid

from host import Host
from support.waiting import wait_until
from wire import Address, Wire

DOMAIN = "pec.alfa.example"
HOST_NAME = f"mx.{DOMAIN}"
AUTHORITY = "/etc/pec/trial/authority.pem"


class CertifiedMail:
    def __init__(self, host: Host, wire: Wire, address: Address, domain: str = DOMAIN, authority: str = AUTHORITY):
        self.host, self.wire, self.address, self.domain = host, wire, address, domain
        self.passwords: dict[str, str] = {}
        self._tls = ssl.create_default_context(cadata=host.read(authority))

    def add(self, user: str) -> None:
        self.passwords[user] = f"parola-di-{user}-{uuid.uuid4()}"
        self.host.run("pecctl", "mailbox", "add", self.mailbox(user), "--holder", user)
        self.host.run("pecctl", "mailbox", "passwd", self.mailbox(user), stdin=self.passwords[user] + "\n")

    def mailbox(self, user: str) -> str:
        return f"{user}@{self.domain}"

    # A whole message

    def exchange(self, sender: str, recipient: str) -> None:
        """Over both families, one after the other."""
        for address in self.address:
            self.wait_for(self.send(sender, recipient, address), sender, recipient, address)

    def send(self, sender: str, recipient: str, address: str | None = None) -> str:
        """The Message-ID. It returns when Postfix has taken the message."""
        wanted = f"<{uuid.uuid4()}@client.example>"
        to = recipient if "@" in recipient else self.mailbox(recipient)
        text = (f"From: {self.mailbox(sender)}\r\nTo: {to}\r\nSubject: prova\r\nMessage-ID: {wanted}\r\n\r\nCiao.\r\n")
        with self._connect(lambda raw: _Smtps(raw, self._tls), address or self.address.v4, 465) as smtp:
            smtp.login(self.mailbox(sender), self.passwords[sender])
            smtp.sendmail(self.mailbox(sender), [to], text)
        return wanted

    def wait_for(self, message_id: str, sender: str, recipient: str, address: str | None = None) -> None:
        """Acceptance and delivery receipt for the sender, the message itself for the recipient."""
        for user, field, value in ((sender, "X-Ricevuta", "accettazione"),
                                   (recipient, "X-Trasporto", "posta-certificata"),
                                   (sender, "X-Ricevuta", "avvenuta-consegna")):
            if user in self.passwords:
                self._wait_for_one(message_id, user, field, value, address)

    def _wait_for_one(self, message_id: str, user: str, field: str, value: str, address: str | None) -> None:
        try:
            wait_until(lambda: any(each[field] == value and each["X-Riferimento-Message-ID"] == message_id
                                   for each in self.headers(user, address)),
                       f"{user} has {value} for {message_id}", patience=120)
        except AssertionError as error:
            raise AssertionError(f"{error}\n{self.host.logs()}") from error

    def headers(self, user: str, address: str | None = None) -> list:
        with self._connect(lambda raw: _Imaps(raw, self._tls), address or self.address.v4, 993) as imap:
            imap.login(self.mailbox(user), self.passwords[user])
            imap.select(readonly=True)
            if imap.search(None, "ALL")[1] == [b""]:
                return []
            answer = imap.fetch("1:*", "(BODY.PEEK[HEADER])")[1]
            return [email.message_from_bytes(part[1], policy=email.policy.default)
                    for part in answer if isinstance(part, tuple)]

    def count(self, user: str, message_id: str) -> int:
        """How often the message itself is in the mailbox."""
        return sum(each["X-Trasporto"] == "posta-certificata" and each["X-Riferimento-Message-ID"] == message_id
                   for each in self.headers(user))

    def _connect(self, client, address: str, port: int):
        return client(self.wire.in_network(lambda: socket.create_connection((address, port), timeout=120)))


class _Smtps(smtplib.SMTP):
    """Over a connection that is there, as to HOST_NAME."""

    def __init__(self, raw: socket.socket, tls: ssl.SSLContext):
        super().__init__(timeout=120)
        self.sock = tls.wrap_socket(raw, server_hostname=HOST_NAME)
        code, said = self.getreply()
        if code != 220:
            raise AssertionError(f"the host greets with {code} {said}")


class _Imaps(imaplib.IMAP4):
    def __init__(self, raw: socket.socket, tls: ssl.SSLContext):
        self._raw, self._context = raw, tls
        super().__init__()

    def _create_socket(self, timeout):
        return self._context.wrap_socket(self._raw, server_hostname=HOST_NAME)
