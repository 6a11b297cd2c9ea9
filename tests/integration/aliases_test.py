# SPDX-License-Identifier: GPL-2.0-or-later
"""An alias that leads to several mailboxes: one delivery receipt, when all of them have the message. Numbers
in brackets are sections of RFC 6109.
"""

import base64
import hashlib
import hmac
import re
from contextlib import contextmanager

from support import harness
from support.box import Provider
from support.changed_postfix import ChangedPostfix
from support.failures import SHORT, FailureCase, start
from support.notices import NON_DELIVERY, certified_time, ends, expired, full_mailbox, incidents, pec_id_of
from support.pec_mail import certified, check_signature, letter, subjects_of
from support.people import anna, bruno, carla, dario, elena, fabio
from support.replays import as_sent
from support.smtp_sink import SmtpSink
from support.waiting import wait_until

DELIVERED, ENVELOPE = "avvenuta-consegna", "posta-certificata"


def setUpModule():
    global box, mailboxes, service
    box, mailboxes = start()
    service = box.alfa.service_mailbox


def all_of(provider: Provider) -> str:
    return f"tutti@{provider.domain}"


def alerts(provider: Provider) -> list[str]:
    return re.findall(r".*\[(?:warning|error)\].*role=receipts.*", provider.milter_log())


def internal_recipient(provider: Provider, alias: str, mailbox: str, stamp: int,
                       pec_id: str) -> str:
    """What the delivery point asks the receipt of an alias with."""
    def digits(digest: bytes) -> str:
        return base64.b32encode(digest).decode().lower()

    secret = bytes.fromhex((box.directory / provider.info["domain"].split(".")[1]
                            / "delivery.secret").read_text())
    tag = digits(hashlib.sha256(mailbox.encode()).digest()[:5])[:7]
    text = f"consegna {tag}\n{alias}\n{stamp}\n{pec_id}".encode()
    mac = digits(hmac.new(secret, text, hashlib.sha256).digest()[:20])
    return f"{alias}.{stamp}.{mac}{tag}.consegna.pec.internal"


class AliasCase(FailureCase):
    def alias(self, provider: Provider, *mailboxes_behind: str) -> str:
        self.change(provider).add_alias(all_of(provider), of=", ".join(mailboxes_behind))
        return all_of(provider)

    @contextmanager
    def away(self, provider: Provider, mailbox: str, reply: bytes = b"451 4.3.0 Later"):
        """In the place of this mailbox a server that takes no mail."""
        with SmtpSink() as sink, ChangedPostfix(provider) as postfix:
            sink.reply = reply
            postfix.route(mailbox, sink.address)
            yield postfix
        provider.flush()

    def wait_for_all_but(self, provider: Provider, *left: str) -> None:
        """Nothing is under way but the copies for these mailboxes, which were tried."""
        def is_quiet() -> bool:
            waiting = [each for _ in range(3) for other in (box.alfa, box.beta)
                       for each in other.queue()]
            found = [(recipient["address"], recipient.get("delay_reason", ""))
                     for each in waiting for recipient in each["recipients"]]
            return ({address for address, _ in found} == set(left)
                    and len(found) == 3 * len(left) and all("Later" in why for _, why in found))

        wait_until(is_quiet, f"nothing but {left} in {provider.domain}'s queue")

    def receipts(self, sender: str, subject: str) -> int:
        with box.alfa.mailbox(sender) as inbox:
            return sum(f"Subject: CONSEGNA: {subject}\r\n".encode() in raw for raw in inbox.all())

    def submit(self, subject: str, *to: str, sender: str = "") -> None:
        box.alfa.submit(sender or anna, list(to), letter(sender or anna, to=to, subject=subject))


class WhenAllHaveIt(AliasCase):
    """[3.3.2]"""

    def check_one_receipt(self, provider: Provider, sender: str, *behind: str) -> None:
        everyone, last = self.alias(provider, *behind), behind[-1]
        before = alerts(provider)
        subject = f"A tutti di {provider.domain}"
        with self.away(provider, last):
            self.submit(subject, everyone, sender=sender)
            self.wait_for_all_but(provider, last)
            self.assertEqual(self.receipts(sender, subject), 0)
        came = mailboxes.new()
        self.assertEqual(came.kinds(), {
            sender: ["accettazione", DELIVERED], service: ["presa-in-carico"],
            **{mailbox: [ENVELOPE] for mailbox in behind}})
        [receipt] = came.of_kind(DELIVERED, at=sender)
        check_signature(receipt, box.ca_file)
        self.assertEqual(subjects_of(receipt), [everyone])
        self.assertEqual(ends(box.alfa, receipt), {everyone: "delivered_at"})
        pec_id = pec_id_of(receipt)
        # Its time is that of the last delivery.
        delivered = provider.query("SELECT delivered_at FROM alias_mailbox WHERE pec_id = ?"
                                   " AND alias = ?", pec_id, everyone)
        self.assertEqual(len(delivered), 3)
        self.assertEqual(certified_time(receipt).timestamp(), max(at for at, in delivered))
        self.assertEqual(incidents(provider, pec_id), [])
        self.assertEqual(alerts(provider), before)
        self.hand_over_again(provider, everyone, came, receipt, behind)

    def hand_over_again(self, provider, everyone, came, receipt, behind) -> None:
        """Whoever's copy it is, there is no second receipt: that of the last one is made again under
        its id, and dropped."""
        stamp, pec_id = int(certified_time(receipt).timestamp()), pec_id_of(receipt)
        log = len(provider.milter_log())
        for mailbox in behind:
            [envelope] = came.of_kind(ENVELOPE, at=mailbox)
            with provider.connect("receipts") as connection:
                connection.sendmail(anna, [internal_recipient(provider, everyone, mailbox, stamp,
                                                              pec_id)], as_sent(envelope.raw))
        self.assertEqual(mailboxes.new().kinds(), {})
        self.assertEqual(re.findall(r"role=receipts action=(\w+)", provider.milter_log()[log:]),
                         ["discard", "discard", "replace"])

    def test_at_another_provider(self):
        self.check_one_receipt(box.beta, anna, dario, elena, fabio)

    def test_at_the_same_provider(self):
        """[3.4] and one of them is the sender's"""
        everyone = self.alias(box.alfa, anna, bruno, carla)
        with self.away(box.alfa, carla):
            self.submit("A noi", everyone)
            self.wait_for_all_but(box.alfa, carla)
            self.assertEqual(self.receipts(anna, "A noi"), 0)
        self.assertEqual(mailboxes.new().kinds(), {
            anna: ["accettazione", DELIVERED, ENVELOPE], bruno: [ENVELOPE], carla: [ENVELOPE],
            service: ["presa-in-carico"]})

    def test_one_that_leads_to_itself_too(self):
        """As who keeps a copy elsewhere writes it."""
        self.change(box.beta).add_alias(dario, of=f"{dario}, {elena}")
        for away, other in ((elena, dario), (dario, elena)):
            with self.subTest(away):
                subject = f"Con copia, senza {away}"
                with self.away(box.beta, away):
                    self.submit(subject, dario)
                    self.wait_for_all_but(box.beta, away)
                    self.assertEqual(self.receipts(anna, subject), 0)
                came = mailboxes.new()
                self.assertEqual(came.kinds(), {
                    anna: ["accettazione", DELIVERED], dario: [ENVELOPE], elena: [ENVELOPE],
                    service: ["presa-in-carico"]})

    def test_through_another_alias_and_elsewhere(self):
        """What is forwarded to another domain is no delivery of ours, and nobody waits for it."""
        postfix = self.change(box.beta)
        postfix.add_alias(all_of(box.beta), of=f"vendite@{box.beta.domain}, gianni@ordinaria.example")
        postfix.add_alias(f"vendite@{box.beta.domain}", of=f"{dario}, {elena}")
        self.submit("Per vie traverse", all_of(box.beta))
        came = mailboxes.new(ordinary=1)
        self.assertEqual([came.kinds()[each] for each in (anna, dario, elena)],
                         [["accettazione", DELIVERED], [ENVELOPE], [ENVELOPE]])
        [receipt] = came.of_kind(DELIVERED, at=anna)
        self.assertEqual(subjects_of(receipt), [all_of(box.beta)])


class WhenOneFails(AliasCase):
    """[3.3.3] One notice, which names the alias, and no receipt."""

    def check_notice_alone(self, came, told, *others: str) -> None:
        self.assertEqual(came.kinds(), {
            anna: ["accettazione", NON_DELIVERY], service: ["presa-in-carico"],
            **{mailbox: [ENVELOPE] for mailbox in others}})
        acceptance = self.check_told(came, told)
        self.assertEqual(ends(box.alfa, acceptance), {told.recipient: "failed_at"})
        self.assertEqual(incidents(box.beta, pec_id_of(acceptance)), [])

    @staticmethod
    def give_up(postfix):
        """What comes when beta tries no longer."""
        postfix.set(maximal_queue_lifetime=SHORT)
        box.beta.flush()
        return mailboxes.new()

    def test_after_the_others_have_it(self):
        everyone, before = self.alias(box.beta, dario, elena, fabio), alerts(box.beta)
        with self.away(box.beta, fabio) as postfix:
            self.submit("Uno manca", everyone)
            self.wait_for_all_but(box.beta, fabio)
            came = self.give_up(postfix)
        self.check_notice_alone(came, expired(everyone, box.beta, "451 4.3.0 Later"), dario, elena)
        self.assertEqual(alerts(box.beta), before)

    def test_before_the_others_have_it(self):
        everyone, before = self.alias(box.beta, dario, elena, fabio), alerts(box.beta)
        self.fill(box.beta, dario)
        with self.away(box.beta, fabio):
            self.submit("Uno pieno", everyone)
            with box.alfa.mailbox(anna) as inbox:
                wait_until(lambda: any(
                    b"X-Ricevuta: errore-consegna" in raw and everyone.encode() in raw
                    for raw in inbox.all()), "the notice")
            self.wait_for_all_but(box.beta, fabio)
        self.check_notice_alone(mailboxes.new(), full_mailbox(everyone, box.beta), elena, fabio)
        self.assertEqual(alerts(box.beta), before)

    def test_two_fail_at_once(self):
        everyone = self.alias(box.beta, dario, elena, fabio)
        full = b"552 5.2.2 Quota exceeded"
        with self.away(box.beta, dario, full), self.away(box.beta, elena, full):
            self.submit("Due pieni", everyone)
            came = mailboxes.new()
        self.check_notice_alone(came, full_mailbox(everyone, box.beta), fabio)

    def test_two_fail_one_after_the_other(self):
        """Each has a bounce of its own."""
        everyone = self.alias(box.beta, dario, elena, fabio)
        self.fill(box.beta, dario)
        with self.away(box.beta, fabio) as postfix:
            self.submit("Prima uno, poi l'altro", everyone)
            self.wait_for_all_but(box.beta, fabio)
            came = self.give_up(postfix)
        self.check_notice_alone(came, full_mailbox(everyone, box.beta), elena)


class WithoutItsTable(AliasCase):
    """Nobody has told pec-milter of the table."""

    def test_the_first_one_has_the_receipt(self):
        """[3.3.2] and the operator is told once that the others are not waited for"""
        box.reconfigure(box.beta, aliases={"tables": ""})
        self.addCleanup(box.reconfigure, box.beta, aliases=self.configured())
        everyone = self.alias(box.beta, dario, elena, fabio)
        log = len(box.beta.milter_log())
        self.submit("Il primo", everyone)
        came = mailboxes.new()
        self.assertEqual(came.kinds(), {
            anna: ["accettazione", DELIVERED], service: ["presa-in-carico"], dario: [ENVELOPE],
            elena: [ENVELOPE], fabio: [ENVELOPE]})
        self.assertEqual(certified(came.of_kind(DELIVERED, at=anna)[0]).findtext("dati/consegna"),
                         everyone)
        said = re.findall(rf"\[(\w+)\].*role=receipts.*{everyone} leads to several mailboxes.*"
                          "aliases.tables", box.beta.milter_log()[log:])
        self.assertEqual(sorted(said), ["info", "warning"])

    @staticmethod
    def configured() -> dict:
        return {"tables": f"texthash:{box.beta.info['postfix_config']}/site_alias_maps"}


if __name__ == "__main__":
    harness.main()
