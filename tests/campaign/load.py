# SPDX-License-Identifier: GPL-2.0-or-later
"""Eight clients that send what people send, both ways, and write down what they were told.

    clients = [Client(stage, number, seed) for number in range(8)]
    with ThreadPoolExecutor(8) as pool:
        for client in clients:
            pool.submit(client.run, over)         # over: a threading.Event
    attempts = [attempt for client in clients for attempt in client.attempts]

Which messages a client sends is decided by the seed; how far it comes with them is not. No message is
submitted twice: what a server did not answer for may exist, or not, and the checker looks at which it is.
"""

import base64
import contextlib
import imaplib
import random
import re
import smtplib
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from facts import (ANOMALY, CERTIFIED, CUT, DELIVERED, FAILED, INFECTED, LOST, NEVER, NOT_ACCEPTED, ORDINARY, PASSED_ON,
                   REFUSED, TAKEN, Attempt, fingerprint)
from stage import CLOSED, FULL, PASSING_ON, Stage
from support.box import Provider
from support.clamav import EICAR
from support.pec_mail import letter
from support.replays import ENVELOPE, as_sent, look_alikes

SIZES = ((1_000, 50), (10_000, 25), (80_000, 15), (700_000, 8), (5_000_000, 1))  # with weights
PAUSE = (0.1, 1.1)  # seconds between two messages of a client
OUTSIDE = "ordinaria.example"
REPLAYS = 0.3  # so many for each message that is sent


@dataclass
class Outgoing:
    """What is to be sent."""

    kind: str
    sender: str
    to: dict[str, str]  # fate, by address
    cc: dict[str, str]
    becomes: str = CERTIFIED
    fields: bytes = b""
    content: bytes = b""
    hidden: tuple[str, ...] = ()  # recipients that the header doesn't name
    hang_up: bool = False  # instead of listening to the answer

    @property
    def fates(self) -> dict[str, str]:
        return {**self.to, **self.cc}


class Client:
    def __init__(self, stage: Stage, number: int, seed: int):
        self._chance = random.Random(f"{seed}/{number}")
        self._again = random.Random(f"{seed}/{number}/again")  # what it draws from is no seed's to know
        self._number = number
        self._stage = stage
        providers = list(stage.providers.values())
        if number % 2:
            providers.reverse()
        self._own, self._other = providers
        self._user = self._own.users[number // 2 % 3]
        self._draw: list[tuple[Callable[[], Outgoing], int]] = [
            (self._to_one, 30), (self._to_own, 12), (self._to_several, 16), (self._to_alias, 4),
            (self._to_ordinary, 8), (self._to_nobody, 8), (self._to_full, 4), (self._to_closed, 4),
            (self._briefly, 10), (self._wrongly, 6), (self._infected, 6), (self._from_outside, 10),
            (self._from_outside_to_closed, 3), (self._to_passing_on, 4)]
        self.attempts: list[Attempt] = []
        self.replays: Counter = Counter()  # by kind: of which nothing may come

    def run(self, over: threading.Event) -> None:
        while not over.is_set():
            self.send_one()
            if self._again.random() < REPLAYS:
                self.send_again()
            over.wait(self._chance.uniform(*PAUSE))

    def send_one(self) -> None:
        kinds, weights = zip(*self._draw)
        outgoing = self._chance.choices(kinds, weights)[0]()
        outgoing.content = outgoing.content or self._text()
        attempt, message = compose(outgoing, f"<{self._number}.{len(self.attempts)}@client.example>")
        self.attempts.append(attempt)
        hand_in(attempt, outgoing, message,
                self._own if outgoing.sender == self._user else self._other)

    def send_again(self) -> None:
        """Takes a genuine message out of a mailbox, and brings it once more from outside, with as much
        changed as nobody would see. Whatever keeps it from arriving is as good. (But while a certificate
        is no longer known, what it has signed is nobody's.)"""
        if not self._stage.all_signers_known.is_set():
            return
        provider = self._again.choice((self._own, self._other))
        mailbox = self._again.choice((*provider.users[:3], provider.service_mailbox))
        with contextlib.suppress(smtplib.SMTPException, imaplib.IMAP4.error, OSError, AssertionError):
            with provider.mailbox(mailbox) as place:
                stored = place.one(self._again.choice)
            kind = re.search(rb"(?m)^X-(?:Trasporto|Ricevuta): ([a-z-]+)\r$", stored or b"")
            if kind is None or kind[1] == b"errore":
                return
            recipient = mailbox
            if kind[1].decode() == ENVELOPE:
                # One for several of a host would have its take-charge in parts, if that is yet to come.
                only = recipients_at(provider.domain, stored)
                if not only:
                    return
                [recipient] = only
            _, replay = self._again.choice(list(look_alikes(as_sent(stored), kind[1].decode())))
            with provider.connect("mx") as smtp:
                smtp.sendmail(f"gianni@{OUTSIDE}", [recipient], replay)
            self.replays[kind[1].decode()] += 1

    # ---- the repertoire ----------------------------------------------------------------------

    def _person(self, provider: Provider) -> str:
        return self._chance.choice(provider.users[:3])

    def _certified(self, kind: str, to: dict[str, str], cc: dict[str, str] | None = None,
                   **rest) -> Outgoing:
        return Outgoing(kind, self._user, to, cc or {}, **rest)

    def _to_one(self) -> Outgoing:
        return self._certified("one", {self._person(self._other): DELIVERED},
                               content=self._text(self._size()),
                               hang_up=self._chance.random() < 0.1)

    def _to_own(self) -> Outgoing:
        return self._certified("own", {self._person(self._own): DELIVERED},
                               content=self._text(self._size()))

    def _to_several(self) -> Outgoing:
        people = [*self._own.users[:3], *self._other.users[:3]]
        chosen = self._chance.sample(people, k=self._chance.randint(2, 5))
        to = self._chance.randint(1, len(chosen))
        return self._certified("several", dict.fromkeys(chosen[:to], DELIVERED),
                               dict.fromkeys(chosen[to:], DELIVERED))

    def _to_alias(self) -> Outgoing:
        return self._certified("alias", {f"info@{self._other.domain}": DELIVERED})

    def _to_ordinary(self) -> Outgoing:
        return self._certified("ordinary", {f"gianni@{OUTSIDE}": ORDINARY,
                                            self._person(self._other): DELIVERED})

    def _to_nobody(self) -> Outgoing:
        nobody = self._chance.choice((
            {f"nessuno@{self._other.domain}": FAILED}, {f"nessuno@{self._own.domain}": FAILED},
            {"qualcuno@inesistente.example": LOST}))
        return self._certified("unknown", {self._person(self._other): DELIVERED, **nobody})

    def _to_full(self) -> Outgoing:
        return self._certified("full", {f"{FULL}@{self._other.domain}": FAILED})

    def _to_closed(self) -> Outgoing:
        return self._certified("closed", {f"{CLOSED}@{self._other.domain}": DELIVERED})

    def _to_passing_on(self) -> Outgoing:
        return self._certified("passed on", {f"{PASSING_ON}@{self._other.domain}": PASSED_ON})

    def _briefly(self) -> Outgoing:
        asked = self._chance.choice((b"breve", b"sintetica"))
        return self._certified(asked.decode(), {self._person(self._other): DELIVERED},
                               fields=b"X-TipoRicevuta: " + asked + b"\r\n",
                               content=attached("allegato.bin", self._chance.randbytes(20_000)))

    def _wrongly(self) -> Outgoing:
        """A recipient whom the header does not name."""
        hidden = self._own.users[2] if self._user != self._own.users[2] else self._own.users[0]
        return self._certified("formal failure", {self._person(self._other): NEVER},
                               becomes=NOT_ACCEPTED, hidden=(hidden,))

    def _infected(self) -> Outgoing:
        """Beta knows the virus, alfa does not."""
        becomes = CERTIFIED if self._own.domain == "pec.alfa.example" else NOT_ACCEPTED
        fates = {self._other.users[0]: INFECTED, self._own.users[1]: DELIVERED}
        if becomes == NOT_ACCEPTED:
            fates = dict.fromkeys(fates, NEVER)
        return self._certified("virus", fates, becomes=becomes, content=attached("v.com", EICAR))

    def _from_outside(self) -> Outgoing:
        return Outgoing("from outside", f"gianni@{OUTSIDE}", {self._person(self._other): DELIVERED},
                        {}, ANOMALY, content=self._text(self._size()))

    def _from_outside_to_closed(self) -> Outgoing:
        return Outgoing("from outside, closed", f"gianni@{OUTSIDE}",
                        {f"{CLOSED}@{self._other.domain}": NEVER}, {}, NEVER)

    def _size(self) -> int:
        sizes, weights = zip(*SIZES)
        return int(self._chance.choices(sizes, weights)[0] * self._chance.uniform(0.5, 1))

    def _text(self, size: int = 500) -> bytes:
        """Different for every message: no two can be taken for one another."""
        return b"\r\n" + lines_of(self._chance.randbytes(size * 3 // 4))


def compose(outgoing: Outgoing, msgid: str) -> tuple[Attempt, bytes]:
    """What will be known of it, and its bytes."""
    message = letter(outgoing.sender, to=outgoing.to, cc=outgoing.cc, message_id=msgid,
                     subject=f"{outgoing.kind} {msgid[1:-1]}", fields=outgoing.fields,
                     body=outgoing.content)
    fates = {**outgoing.fates, **dict.fromkeys(outgoing.hidden, NEVER)}
    return Attempt(msgid, outgoing.kind, outgoing.sender, fates, outgoing.becomes,
                   fingerprint(message), len(message)), message


def hand_in(attempt: Attempt, outgoing: Outgoing, message: bytes, to: Provider) -> None:
    """Writes the answer into the attempt. From outside it goes to the incoming point."""
    smtp = None
    try:
        if outgoing.sender in to.passwords:
            smtp = to.login(outgoing.sender)
        else:
            smtp = to.connect("mx")
        attempt.answer, attempt.said = talk(smtp, outgoing, message)
    except smtplib.SMTPResponseException as error:
        attempt.answer, attempt.said = REFUSED, repr(error)
    except (smtplib.SMTPException, OSError) as error:
        attempt.said = repr(error)
    finally:
        if smtp is not None:
            with contextlib.suppress(smtplib.SMTPException, OSError):
                smtp.quit()  # what it says to this changes nothing any more
            smtp.close()


def recipients_at(domain: str, envelope: bytes) -> list[str]:
    """Those that it certifies, if there is but one."""
    encoded = re.search(rb'name="?daticert\.xml"?.*?\r\n\r\n(.*?)\r\n--', envelope, re.DOTALL)[1]
    found = re.findall(r"certificato\">([^<]+)<", base64.b64decode(encoded).decode())
    here = [address for address in found if address.lower().endswith(f"@{domain}")]
    return here if len(here) == 1 else []


def talk(smtp: smtplib.SMTP, outgoing: Outgoing, message: bytes) -> tuple[str, str]:
    """One transaction; the answer, and what was said. If a recipient is refused, it is given up."""
    smtp.ehlo_or_helo_if_needed()
    code, text = smtp.mail(outgoing.sender)
    for address in (*outgoing.fates, *outgoing.hidden):
        if code == 250:
            code, text = smtp.rcpt(address)
    if code == 250 and outgoing.hang_up:
        return send_and_hang_up(smtp, message)
    if code == 250:
        code, text = smtp.data(message)
    return (TAKEN if code == 250 else REFUSED), f"{code} {text!r}"


def send_and_hang_up(smtp: smtplib.SMTP, message: bytes) -> tuple[str, str]:
    """As a client does that dies, or whose line is cut: nobody knows what the server made of it."""
    code, text = smtp.docmd("DATA")
    if code != 354:
        return REFUSED, f"{code} {text!r}"
    smtp.send(message.replace(b"\r\n.", b"\r\n..") + b".\r\n")
    smtp.close()
    return CUT, "hung up"


def attached(name: str, content: bytes) -> bytes:
    return (b'MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\n'
            b"Content-Type: text/plain\r\n\r\nIn allegato.\r\n--b\r\n"
            + f'Content-Type: application/octet-stream; name="{name}"\r\n'.encode()
            + b"Content-Transfer-Encoding: base64\r\n\r\n" + lines_of(content) + b"--b--\r\n")


def lines_of(content: bytes) -> bytes:
    return base64.encodebytes(content).replace(b"\n", b"\r\n")
