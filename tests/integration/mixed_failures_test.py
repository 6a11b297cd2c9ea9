# SPDX-License-Identifier: GPL-2.0-or-later
"""Five hundred messages of four users, each recipient with a fate that chance has chosen; then a day
passes. Every accepted message has ended for each of its certified recipients, once
(support/closure.py), and as its fate would have it.

    PEC_TEST_SEED=4711 tests/integration/mixed_failures_test.py     # the same choices again
"""

import os
import random
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from email import message_from_bytes
from email.utils import getaddresses

from support import harness
from support.changed_postfix import ChangedPostfix
from support.closure import EARLY, complaints, read_ledger, read_mailbox
from support.foreign_provider import ADDRESS, DOMAIN as GAMMA, LOST_DOMAIN, NAME, ForeignProvider
from support.pec_mail import letter, wait_until_quiet
from support.people import anna, bruno, carla, dario, elena, fabio
from support.smtp_sink import Mail, SmtpSink

MESSAGES = 500
AT_ONCE = 6
SEED = int(os.environ.get("PEC_TEST_SEED", random.SystemRandom().randrange(2**32)))
PATIENCE = 120.0
DELIVERED, FAILED, TIMED_OUT = "delivered_at", "failed_at", "timed_out_at"


@dataclass(frozen=True)
class Fate:
    recipient: str
    end: str | None  # column of dispatch; None: not certified, so there is no dispatch
    early: bool = False  # with a notice after 12 hours
    gamma_says: tuple[str, ...] = ()


def setUpModule():
    global box, gamma, fates, senders, users
    print(f"PEC_TEST_SEED={SEED}")
    box = harness.sandbox()
    gamma = ForeignProvider(box)
    senders = {anna: box.alfa, bruno: box.alfa, dario: box.beta, elena: box.beta}
    users = {*box.alfa.users, *box.beta.users}
    for provider, full in ((box.alfa, carla), (box.beta, fabio)):
        provider.set_quota(full, "1K")
    fates = [
        *(Fate(user, DELIVERED) for user in senders),
        Fate(carla, FAILED), Fate(fabio, FAILED),
        Fate(f"nessuno@{box.alfa.domain}", FAILED), Fate(f"nessuno@{box.beta.domain}", FAILED),
        Fate(f"qualcuno@{LOST_DOMAIN}", FAILED),
        Fate("qualcuno@inesistente.example", None), Fate("gianni@ordinaria.example", None),
        Fate(f"rifiutata@{GAMMA}", FAILED),
        Fate(f"muta@{GAMMA}", TIMED_OUT, early=True),
        Fate(f"presa@{GAMMA}", TIMED_OUT, gamma_says=("presa-in-carico",)),
        Fate(f"consegnata@{GAMMA}", DELIVERED, gamma_says=("presa-in-carico", "avvenuta-consegna")),
        Fate(f"solo.consegnata@{GAMMA}", DELIVERED, gamma_says=("avvenuta-consegna",)),
        Fate(f"mancata@{GAMMA}", FAILED, gamma_says=("presa-in-carico", "errore-consegna")),
    ]


@dataclass(frozen=True)
class Outgoing:
    subject: str
    sender: str
    fates: tuple[Fate, ...]


def draw() -> list[Outgoing]:
    """At most one recipient of gamma's for each message: its server refuses whole transactions."""
    chance = random.Random(SEED)
    drawn = []
    for number in range(MESSAGES):
        chosen = chance.sample(fates, k=chance.choice((1, 1, 2, 2, 3, 5)))
        ours = [fate for fate in chosen if not fate.recipient.endswith(GAMMA)]
        theirs = [fate for fate in chosen if fate.recipient.endswith(GAMMA)][:1]
        drawn.append(Outgoing(f"messaggio {number}", chance.choice(list(senders)),
                              (*ours, *theirs)))
    return drawn


class Mixed(harness.Case):
    def test_each_ends_once(self):
        outgoing = draw()
        with ExitStack() as stack:
            sink = stack.enter_context(SmtpSink())
            sink.reply_for[f"rifiutata@{GAMMA}"] = b"554 5.7.1 Not wanted"
            for provider in (box.alfa, box.beta):
                stack.enter_context(ChangedPostfix(provider)).route(GAMMA, sink.address)
            self.submit_all(outgoing)
            self.settle()
            self.have_gamma_answer(sink.mails)
        for later in ("+12h", "+24h"):
            self.settle()
            for provider in (box.alfa, box.beta):
                provider.pecctl_at(later, "timeouts")
        self.settle()
        self.judge(outgoing)

    def settle(self) -> None:
        wait_until_quiet(box, PATIENCE)

    def submit_all(self, outgoing: list[Outgoing]) -> None:
        """Each client has its share, and a connection for each user."""
        def submit(share: list[Outgoing]) -> None:
            with ExitStack() as stack:
                logged_in = {sender: stack.enter_context(provider.login(sender))
                             for sender, provider in senders.items()}
                for each in share:
                    recipients = [fate.recipient for fate in each.fates]
                    message = letter(each.sender, to=recipients, subject=each.subject)
                    refused = logged_in[each.sender].sendmail(each.sender, recipients, message)
                    self.assertEqual(refused, {})

        with ThreadPoolExecutor(AT_ONCE) as pool:
            list(pool.map(submit, (outgoing[client::AT_ONCE] for client in range(AT_ONCE))))

    def have_gamma_answer(self, mails: list[Mail]) -> None:
        """What gamma's provider says of the envelopes that came to it."""
        says = {fate.recipient: fate.gamma_says for fate in fates}

        def answer(mail: Mail) -> None:
            [recipient] = mail.recipients
            for kind in says[recipient]:
                self.deliver_from_gamma(kind, mail, recipient)

        with ThreadPoolExecutor(AT_ONCE) as pool:
            list(pool.map(answer, mails))

    def deliver_from_gamma(self, kind: str, mail: Mail, recipient: str) -> None:
        header = message_from_bytes(mail.data)
        element = "ricezione" if kind == "presa-in-carico" else "consegna"
        facts = f"<{element}>{recipient}</{element}>"
        failed = kind == "errore-consegna"
        if failed:
            facts += f"<errore-esteso>5.1.1 - {NAME} - indirizzo non valido</errore-esteso>"
        provider = senders[mail.sender]
        to = provider.service_mailbox if kind == "presa-in-carico" else mail.sender
        gamma.deliver(provider, [to], gamma.receipt(
            kind, header["Message-ID"].strip("<>"),
            [address for _, address in getaddresses([header["To"]])], sender=mail.sender,
            facts=facts, error="no-dest" if failed else "nessuno",
            receipt="completa" if kind == "avvenuta-consegna" else ""), sender=ADDRESS)

    def judge(self, outgoing: list[Outgoing]) -> None:
        def read(user: str) -> list:
            provider = box.alfa if user in box.alfa.users else box.beta
            with provider.mailbox(user) as mailbox:
                return read_mailbox(user, mailbox.all(), box.ca_file)

        with ThreadPoolExecutor(AT_ONCE) as pool:
            seen = [each for some in pool.map(read, sorted(users)) for each in some]
        books = read_ledger(box.alfa) + read_ledger(box.beta)
        self.assertEqual(complaints(seen, books, users), [])

        self.assertEqual(len(books.senders), MESSAGES)
        expected = Counter((each.sender, fate.recipient, fate.end)
                           for each in outgoing for fate in each.fates if fate.end)
        found = Counter((books.senders[pec_id], recipient, column)
                        for (pec_id, recipient), columns in books.dispatches.items()
                        for column in columns - {"accepted_at"})
        self.assertEqual(found, expected)
        self.assertEqual(Counter((each.mailbox, each.recipient) for each in seen if each.kind == EARLY),
                         Counter((each.sender, fate.recipient) for each in outgoing
                                 for fate in each.fates if fate.early))
        for provider in (box.alfa, box.beta):
            self.assertEqual(provider.query("SELECT what, pec_id, recipient FROM incident"), [])
        print(f"{len(outgoing)} messages, {Counter(end for _, _, end in expected.elements())}, "
              f"{len(seen)} messages in mailboxes")


if __name__ == "__main__":
    harness.main()
