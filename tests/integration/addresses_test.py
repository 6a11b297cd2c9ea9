# SPDX-License-Identifier: GPL-2.0-or-later
"""One mailbox, however its address is written in MAIL and RCPT: each form is refused there, or all that
comes of it is what comes of the plain one (rules, 2 and 4).

The matrix is made, not written: FORMS times SITUATIONS. It goes out over plain sockets, since every
client library puts an address right before it sends it.
"""

import smtplib
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Callable

from support import harness
from support.box import Provider
from support.changed_postfix import ChangedPostfix
from support.clamav import EICAR, literal, write_database
from support.foreign_provider import ORIGINAL, SENDER, ForeignProvider
from support.parallel import in_parallel
from support.pec_mail import Arrivals, all_mailboxes, certified, letter, recipients_of, subjects_of, wait_until_quiet
from support.pec_message import PecMessage
from support.people import anna, bruno, carla, dario, elena, fabio
from support.waiting import wait_until

OUTSIDE = "gianni@ordinaria.example"
KNOWN_TO_ALFA = b"a pattern that alfa's database knows, and beta's does not"
THREADS = 6

# How an address can be written so that Postfix, as it comes, takes it for the same one; or so that some
# program might. "plain" is what all others are measured by.
FORMS: dict[str, Callable[[str, str], str]] = {
    "plain": lambda local, domain: f"{local}@{domain}",
    "other case": lambda local, domain: f"{local.upper()}@{domain.title()}",
    "quoted": lambda local, domain: f'"{local}"@{domain}',
    "quoted pair": lambda local, domain: f'"{local[0]}\\{local[1:]}"@{domain}',
    "bare quoted pair": lambda local, domain: f"{local[0]}\\{local[1:]}@{domain}",
    "half quoted": lambda local, domain: f'{local[0]}"{local[1:]}"@{domain}',
    "wholly quoted": lambda local, domain: f'"{local}@{domain}"',
    "trailing dot": lambda local, domain: f"{local}@{domain}.",
    "two trailing dots": lambda local, domain: f"{local}@{domain}..",
    "no domain": lambda local, domain: local,
    "empty domain": lambda local, domain: f"{local}@",
    "comment before": lambda local, domain: f"(x){local}@{domain}",
    "comment within": lambda local, domain: f"{local}(x)@{domain}",
    "comment behind": lambda local, domain: f"{local}@{domain}(x)",
    "source route": lambda local, domain: f"@x.example:{local}@{domain}",
    "long source route": lambda local, domain: f"@x.example,@y.example:{local}@{domain}",
    "trailing comma": lambda local, domain: f"{local}@{domain},",
    "trailing semicolon": lambda local, domain: f"{local}@{domain};",
    "group": lambda local, domain: f"x:{local}@{domain};",
    "phrase": lambda local, domain: f"X <{local}@{domain}>",
    "brackets twice": lambda local, domain: f"<{local}@{domain}>",
    "quoted domain": lambda local, domain: f'{local}@"{domain}"',
    "leading blank": lambda local, domain: f" {local}@{domain}",
    "trailing blank": lambda local, domain: f"{local}@{domain} ",
    "blank before @": lambda local, domain: f"{local} @{domain}",
    "blank behind @": lambda local, domain: f"{local}@ {domain}",
    "tab": lambda local, domain: f"\t{local}@{domain}",
    "domain in brackets": lambda local, domain: f"{local}@[{domain}]",
    "domain twice": lambda local, domain: f"{local}@{domain}@{domain}",
    "quoted @": lambda local, domain: f'"{local}@{domain}"@{domain}',
    "8-bit": lambda local, domain: f"{local}é@{domain}",
    # Addresses of their own, which happen to be nobody's: at the access point they are accepted, or
    # refused with a notice.
    "name and more": lambda local, domain: f"{local}+x@{domain}",
    "percent": lambda local, domain: f"{local}%{domain}@{domain}",
    "bang": lambda local, domain: f"{domain}!{local}@{domain}",
    "address literal": lambda local, domain: f"{local}@[127.0.0.1]",
    "over-long": lambda local, domain: f"{local}{'x' * 65}@{domain}",
}
NOBODYS = {"percent", "bang", "address literal", "over-long", "name and more"}


def setUpModule():
    global box, mailboxes, gamma
    box = harness.sandbox()
    gamma = ForeignProvider(box)
    for provider in (box.alfa, box.beta):
        use_scanner(provider)
    box.alfa.pecctl("mailbox", "revoke", carla, "--reason", "a test")
    box.beta.pecctl("mailbox", "set", elena, "--closed")
    box.beta.set_quota(fabio, "1K")
    mailboxes = all_mailboxes(box)


def use_scanner(provider: Provider) -> None:
    """It finds EICAR at beta, and at alfa another text: so an infected envelope comes to beta."""
    folder = Path(provider.info["config"]).parent
    pattern = EICAR if provider is box.beta else KNOWN_TO_ALFA
    write_database(folder / "clamav", "test.ndb", [literal("Test.Pattern", pattern)])
    box.reconfigure(provider, antivirus={"engine": "scanner"})


# ---- messages: each knows its token again in all that comes of it ------------------------------


def original(token: str, to: str, body: bytes = b"hello", fields: bytes = b"") -> bytes:
    return letter(anna, to=[to], subject="Prova", message_id=f"<{token}>", fields=fields,
                  body=b"Content-Type: text/plain\r\n\r\n" + body + b"\r\n")


def ordinary(token: str, to: str) -> bytes:
    return letter(OUTSIDE, to=[to], subject="Prova", message_id=f"<{token}>")


def envelope(token: str, to: str, body: bytes = b"") -> bytes:
    content = gamma.mixed(gamma.xml("posta-certificata", token, [to]),
                          ORIGINAL % token.encode() + body)
    return (gamma.header("X-Trasporto: posta-certificata", token, to=to)
            + gamma.signed(content, gamma.sign(content)))


def token_of(found: PecMessage) -> str:
    """PEC msgid of what gamma certified, the client's own Message-ID of all else."""
    own = found.header("X-Riferimento-Message-ID")
    if not own and found.kind not in ("errore", "ordinaria"):
        return certified(found).findtext("dati/identificativo")
    return (own or found.message_id).strip("<>")


# ---- the matrix --------------------------------------------------------------------------------


@dataclass
class Situation:
    name: str
    message: Callable[[str, str], bytes]
    provider: Provider
    recipient: str
    service: str = "mx"
    sender: str = OUTSIDE
    varied: str = "recipient"  # or "sender": which of the two is written in all forms

    def connect(self) -> smtplib.SMTP:
        if self.service == "mx":
            connection = self.provider.connect("mx")
        else:
            connection = self.provider.login(anna, self.service)
        connection.ehlo_or_helo_if_needed()
        return connection

    def written(self, form: str) -> dict[str, str]:
        plain = {"sender": self.sender, "recipient": self.recipient}
        return plain | {self.varied: FORMS[form](*plain[self.varied].split("@"))}


def situations() -> list[Situation]:
    submission = partial(Situation, provider=box.alfa, service="smtps", sender=anna)
    certified_mail = partial(Situation, message=envelope, sender=SENDER)
    infected = partial(original, body=KNOWN_TO_ALFA)
    return [
        submission("submission to another provider", original, recipient=dario),
        submission("submission to a colleague", original, recipient=bruno),
        submission("submission to a revoked mailbox", original, recipient=carla),
        submission("submission to a full mailbox", original, recipient=fabio),
        submission("submission to an ordinary address", original, recipient=OUTSIDE),
        submission("non-acceptance", partial(original, fields=b"Bcc: x@y.example\r\n"),
                   recipient=dario),
        submission("infected submission", infected, recipient=dario),
        submission("sender of a submission", original, recipient=dario, varied="sender"),
        certified_mail("envelope to an open mailbox", provider=box.beta, recipient=dario),
        certified_mail("envelope to a closed mailbox", provider=box.beta, recipient=elena),
        certified_mail("envelope to a full mailbox", provider=box.beta, recipient=fabio),
        certified_mail("envelope to a revoked mailbox", provider=box.alfa, recipient=carla),
        Situation("infected envelope", partial(envelope, body=EICAR + b"\r\n"), box.beta, dario,
                  sender=SENDER),
        Situation("ordinary mail to an open mailbox", ordinary, box.beta, dario),
        Situation("ordinary mail to a closed mailbox", ordinary, box.beta, elena),
        Situation("ordinary mail to a revoked mailbox", ordinary, box.alfa, carla),
    ]


@dataclass
class Attempt:
    """One form in one situation, and what came of it."""

    situation: Situation
    form: str
    token: str
    refused: str = ""  # what MAIL or RCPT was answered, if it was no 250
    answer: int = 0    # to the message

    def send(self) -> None:
        written = self.situation.written(self.form)
        with self.situation.connect() as connection:
            for command in (f"MAIL FROM:<{written['sender']}>", f"RCPT TO:<{written['recipient']}>"):
                connection.send(f"{command}\r\n".encode())
                code, text = connection.getreply()
                if code != 250:
                    self.refused = f"{code} {text.decode(errors='replace')}"
                    return
            message = self.situation.message(self.token, self.situation.recipient)
            self.answer = connection.data(message)[0]


Row = tuple[str, ...]


def mail_of(came: Arrivals) -> dict[str, list[Row]]:
    """By token: what came where, and about whom it speaks."""
    found: dict[str, list[Row]] = {}
    for mailbox, messages in came.by_address.items():
        for message in messages:
            row = [mailbox, message.kind]
            if message.kind not in ("errore", "ordinaria"):
                about = certified(message)
                row += [about.findtext("intestazione/mittente"), about.get("errore")]
                row += [f"to {address} {kind}" for address, kind in recipients_of(message)]
                row += [f"about {address}" for address in subjects_of(message)]
            found.setdefault(token_of(message), []).append(tuple(map(str.lower, row)))
    return found


# What a row of the ledger says of addresses; times and ids differ from message to message.
COLUMNS = ("kind", "what", "direction", "recipient", "sender", "reply_to", "error")


def ledger_of(provider: Provider, token: str) -> list[Row]:
    ids = {pec_id for (pec_id,) in provider.query(
        "SELECT pec_id FROM message_log WHERE pec_id = ? OR msgid = ?", token, f"<{token}>")}
    rows = []
    for pec_id in ids:
        rows += [(provider.domain, "party", *map(str.lower, row)) for row in provider.query(
            "SELECT DISTINCT mailbox, address FROM party JOIN message_log USING (message) "
            "WHERE pec_id = ?", pec_id)]
    for table in ("message_log", "dispatch", "incident"):
        known = [name for _, name, *_ in provider.query(f"PRAGMA table_info({table})")]
        columns = ", ".join(name for name in COLUMNS if name in known)
        for pec_id in ids:
            rows += [(provider.domain, table, *map(str.lower, row)) for row in provider.query(
                f"SELECT {columns} FROM {table} WHERE pec_id = ?", pec_id)]
    return sorted(rows)


class OneMailbox(harness.Case):
    """Each row of the matrix is a subtest: they are all sent first, and then looked at."""

    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.attempts = [Attempt(situation, form, gamma.new_id() if situation.sender == SENDER
                                else f"m{row}.{column}@client.example")
                        for row, situation in enumerate(situations())
                        for column, form in enumerate(FORMS)]
        in_parallel(THREADS, lambda number: [each.send() for each in cls.attempts[number::THREADS]])
        wait_until_quiet(box)
        wait_until(box.ordinary_is_idle, "the ordinary host's queue is empty")
        cls.mail = mail_of(mailboxes.new())

    def outcome(self, attempt: Attempt) -> dict:
        return {"answer": attempt.answer, "mail": sorted(self.mail.get(attempt.token, [])),
                "ledger": [row for provider in (box.alfa, box.beta)
                           for row in ledger_of(provider, attempt.token)]}

    def test_refused_or_the_same(self):
        for plain in (each for each in self.attempts if each.form == "plain"):
            expected = self.outcome(plain)
            for attempt in self.attempts:
                if attempt.situation is not plain.situation or attempt is plain:
                    continue
                with self.subTest(attempt.situation.name, form=attempt.form):
                    if attempt.refused:
                        self.assertEqual(attempt.refused[0], "5", attempt.refused)
                        self.assertEqual(self.outcome(attempt), {"answer": 0, "mail": [], "ledger": []})
                    elif attempt.form in NOBODYS:
                        self.check_nobodys(attempt)
                    else:
                        self.assertEqual(self.outcome(attempt), expected)

    def check_nobodys(self, attempt: Attempt) -> None:
        """Nothing reaches anybody, and the sender is told."""
        self.assertEqual(attempt.situation.service, "smtps")
        self.assertEqual({mailbox for mailbox, *_ in self.mail[attempt.token]} - {box.alfa.service_mailbox}, {anna})
        self.assertTrue({kind for _, kind, *_ in self.mail[attempt.token]}
                        & {"non-accettazione", "errore-consegna"}, self.mail[attempt.token])

    def test_plain_addresses_are_taken(self):
        """So that the matrix means anything."""
        for attempt in self.attempts:
            revoked = "revoked" in attempt.situation.name and attempt.situation.service == "mx"
            if attempt.form in ("plain", "other case", "quoted", "quoted pair"):
                with self.subTest(attempt.situation.name, form=attempt.form):
                    self.assertEqual(attempt.refused, "")
                    closed = attempt.situation.name == "ordinary mail to a closed mailbox"
                    self.assertEqual(attempt.answer, 550 if revoked or closed else 250)

    def test_each_situation_is_what_it_says(self):
        """The kinds that come of the plain address."""
        kinds = {attempt.situation.name: sorted(kind for _, kind, *_ in self.mail.get(attempt.token, []))
                 for attempt in self.attempts if attempt.form == "plain"}
        whole = ["accettazione", "avvenuta-consegna", "posta-certificata", "presa-in-carico"]
        self.assertEqual(kinds, {
            "submission to another provider": whole,
            "submission to a colleague": whole,
            "submission to a revoked mailbox": ["accettazione", "errore-consegna", "presa-in-carico"],
            "submission to a full mailbox": ["accettazione", "errore-consegna", "presa-in-carico"],
            "submission to an ordinary address": ["accettazione", "posta-certificata"],
            "non-acceptance": ["non-accettazione"],
            "infected submission": ["non-accettazione"],
            "sender of a submission": whole,
            "envelope to an open mailbox": whole[1:],
            "envelope to a closed mailbox": whole[1:],
            "envelope to a full mailbox": ["errore-consegna", "presa-in-carico"],
            "envelope to a revoked mailbox": [],
            "infected envelope": ["rilevazione-virus"],
            "ordinary mail to an open mailbox": ["errore"],
            "ordinary mail to a closed mailbox": [],
            "ordinary mail to a revoked mailbox": [],
        })

    def test_what_is_refused_is_told_why(self):
        for attempt in self.attempts:
            if "revoked" in attempt.situation.name and attempt.situation.service == "mx":
                continue  # this is told first
            if attempt.form in ("trailing dot", "source route", "leading blank"):
                with self.subTest(attempt.situation.name, form=attempt.form):
                    code = "553 5.1.7" if attempt.situation.varied == "sender" else "553 5.1.3"
                    self.assertRegex(attempt.refused, f"^{code} .*nome@dominio.*name@domain")


class ALocalPartThatNeedsItsQuotes(harness.Case):
    """Two dots in a row: no dot-atom, so there is only one way to write it (RFC 5321, 4.1.2)."""

    SENDER = '"an..na"@pec.alfa.example'

    def send(self, *recipients: str) -> Arrivals:
        with ChangedPostfix(box.alfa) as alfa, ChangedPostfix(box.beta) as beta:
            alfa.let_send(self.SENDER.replace('"', ""), anna)  # looked up without its quotes
            for address, mailbox in ((self.SENDER, anna), ('"br..uno"@pec.alfa.example', bruno)):
                alfa.add_alias(address, of=mailbox)
            beta.add_alias('"da..rio"@pec.beta.example', of=dario)
            with box.alfa.login(anna) as connection:
                connection.ehlo_or_helo_if_needed()
                for command in (f"MAIL FROM:<{self.SENDER}>",
                                *(f"RCPT TO:<{address}>" for address in recipients)):
                    connection.putcmd(command)
                    self.assertEqual(connection.getreply()[0], 250, command)
                message = letter(self.SENDER, to=recipients, subject="Prova", message_id="<dots@client>")
                self.assertEqual(connection.data(message)[0], 250)
            came = mailboxes.new()
        for found in came.all():
            self.assertEqual(certified(found).findtext("intestazione/mittente"), self.SENDER)
        return came

    @staticmethod
    def subjects(came: Arrivals, kind: str) -> list[str]:
        return sorted(address for each in came.of_kind(kind, at=anna) for address in subjects_of(each))

    def test_everything_comes(self):
        colleague, other = '"br..uno"@pec.alfa.example', '"da..rio"@pec.beta.example'
        came = self.send(colleague, other)
        self.assertEqual(came.kinds(), {
            anna: ["accettazione", "avvenuta-consegna", "avvenuta-consegna"],
            bruno: ["posta-certificata"], dario: ["posta-certificata"],
            box.alfa.service_mailbox: ["presa-in-carico", "presa-in-carico"]})
        self.assertEqual(self.subjects(came, "avvenuta-consegna"), [colleague, other])

    def test_failures_are_told(self):
        """One in the bounce's place, several by a copy for each."""
        nobodys = [f'"no..body{number}"@pec.beta.example' for number in range(3)]
        for failed in (nobodys[:1], nobodys[1:]):
            came = self.send(*failed)
            self.assertEqual(came.kinds(), {anna: ["accettazione"] + len(failed) * ["errore-consegna"]})
            self.assertEqual(self.subjects(came, "errore-consegna"), failed)


class Postmaster(harness.Case):
    """The one recipient that needs no domain (RFC 5321, 4.5.1)."""

    def send(self, message: bytes, recipient: str) -> int:
        with box.beta.connect("mx") as connection:
            connection.ehlo()
            connection.mail(SENDER)
            self.assertEqual(connection.docmd("RCPT", f"TO:<{recipient}>")[0], 250)
            return connection.data(message)[0]

    def test_is_taken(self):
        for recipient in ("Postmaster", f"postmaster@{box.beta.domain}"):
            self.assertEqual(self.send(ordinary("post@client", recipient), recipient), 250)
            self.assertEqual(mailboxes.new().kinds(), {box.beta.operators: ["errore"]})

    def test_can_be_taken_out_of_the_queue_file(self):
        infected = envelope(gamma.new_id(), dario, EICAR + b"\r\n")
        self.assertEqual(self.send(infected, "Postmaster"), 250)
        self.assertNotIn(box.beta.service_mailbox, mailboxes.new().kinds())


if __name__ == "__main__":
    harness.main()
