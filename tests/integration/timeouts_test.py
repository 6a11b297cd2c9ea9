# SPDX-License-Identifier: GPL-2.0-or-later
"""Nobody answers: the notices after 12 and after 24 hours, and what keeps them from being sent. The
hours pass for `pecctl timeouts` alone, whose clock is put forward from outside. The other provider is
gamma: its mail is taken, and what it says is signed here. Numbers in brackets are sections of RFC 6109.
"""

import re
import time
from datetime import timedelta

from support import harness
from support.foreign_provider import ADDRESS, DOMAIN as GAMMA, NAME, SENDER as GIULIA, ForeignProvider
from support.notices import (NON_DELIVERY, TIMEOUT, NoticeCase, Told, about, after_12_hours, after_24_hours,
                             certified_time, dispatches, ends, incidents, pec_id_of)
from support.pec_mail import Arrivals, all_mailboxes, letter, recipients_of
from support.pec_message import PecMessage
from support.people import anna, dario
from support.waiting import PATIENCE, wait_until

MARTA = f"marta@{GAMMA}"
GIANNI = "gianni@ordinaria.example"
SOON, EARLY, LATE, FINAL, LONG_AFTER = "+719m", "+12h", "+1439m", "+24h", "+48h"
SLACK = timedelta(minutes=2)  # what a test may take
TAKEN, DELIVERED = "presa-in-carico", "avvenuta-consegna"
REFUSED = f"<errore-esteso>5.1.1 - {NAME} - indirizzo non valido</errore-esteso>"


def setUpModule():
    global box, mailboxes, gamma, service
    box = harness.sandbox()
    service = box.alfa.service_mailbox
    gamma = ForeignProvider(box)
    mailboxes = all_mailboxes(box)


def count(where: str) -> int:
    return box.alfa.query(f"SELECT COUNT(*) FROM dispatch WHERE {where}")[0][0]


class Timeouts(NoticeCase):
    def tearDown(self):
        """What this test has left open is none of the next one's."""
        box.alfa.pecctl_at(LONG_AFTER, "timeouts")
        mailboxes.new()
        self.assertEqual(count("accepted_at IS NOT NULL AND delivered_at IS NULL AND failed_at IS NULL "
                               "AND timed_out_at IS NULL"), 0)

    def send(self, subject: str, *to: str) -> PecMessage:
        """To gamma, and perhaps to ordinary people; returns the acceptance."""
        box.alfa.submit(anna, list(to), letter(anna, to=to, subject=subject,
                                               message_id=f"<{subject.replace(' ', '-')}@client>"))
        came = mailboxes.new(ordinary=len(to))
        [acceptance] = came.of_kind("accettazione", at=anna)
        self.assertEqual(len(came.all()), 1 + len(to))
        return acceptance

    def after(self, later: str) -> Arrivals:
        """What comes of a run of `pecctl timeouts` so much later."""
        box.alfa.pecctl_at(later, "timeouts")
        return mailboxes.new()

    def expect(self, later: str, acceptance: PecMessage, *told: Told) -> None:
        """Exactly these notices come then."""
        came = self.after(later)
        self.assertEqual(came.kinds(), {anna: len(told) * [TIMEOUT]} if told else {}, later)
        notices = {about(notice): notice for notice in came.by_address[anna]}
        self.assertEqual(set(notices), {each.recipient for each in told})
        for each in told:
            notice = notices[each.recipient]
            self.check_notice(notice, acceptance, each)
            column, hours = (("warned_at", 12) if each.form == "dodici-ore"
                             else ("timed_out_at", int(re.search(r"\d+", later)[0])))
            times = dispatches(box.alfa, pec_id_of(acceptance))[each.recipient]
            self.assertEqual(times[column], certified_time(notice).timestamp())
            passed = certified_time(notice) - certified_time(acceptance)
            self.assertGreaterEqual(passed, timedelta(hours=hours))
            self.assertLess(passed, timedelta(hours=hours) + SLACK)

    def expect_nothing(self, *later: str) -> None:
        for each in later:
            self.assertEqual(self.after(each).kinds(), {}, each)

    def gamma_says(self, kind: str, acceptance: PecMessage, recipient: str = GIULIA,
                   pec_id: str = "", believed: bool = True) -> bytes:
        """Gamma's receipt or notice about this recipient; it is where it belongs then. One that is not
        gamma's to say is there in an anomaly envelope."""
        element = "ricezione" if kind == TAKEN else "consegna"
        message = gamma.receipt(
            kind, pec_id or pec_id_of(acceptance), [to for to, _ in recipients_of(acceptance)],
            sender=anna, error="no-dest" if kind == NON_DELIVERY else "nessuno",
            receipt="completa" if kind == DELIVERED else "",
            facts=f"<{element}>{recipient}</{element}>" + (REFUSED if kind == NON_DELIVERY else ""))
        self.deliver(kind, message, kind if believed else "errore")
        return message

    def deliver(self, kind: str, message: bytes, arrives: str | None) -> None:
        """`arrives`: as what it comes into the mailbox, if it does. The service mailbox has no anomalies."""
        to = service if kind == TAKEN else anna
        gamma.deliver(box.alfa, [to], message, sender=ADDRESS)
        at = box.alfa.operators if (kind, arrives) == (TAKEN, "errore") else to
        self.assertEqual(mailboxes.new().kinds(), {at: [arrives]} if arrives else {})


class NobodyAnswers(Timeouts):
    def test_both_notices(self):
        """[3.1.6] not a minute too early, and each once"""
        acceptance = self.send("Nessuna risposta", GIULIA)
        self.expect_nothing("+0m", SOON)
        self.expect(EARLY, acceptance, after_12_hours(GIULIA, box.alfa))
        self.assertEqual(ends(box.alfa, acceptance), {})
        self.expect_nothing(EARLY, LATE)
        self.expect(FINAL, acceptance, after_24_hours(GIULIA, box.alfa))
        self.assertEqual(ends(box.alfa, acceptance), {GIULIA: "timed_out_at"})
        self.expect_nothing(FINAL, LONG_AFTER)
        self.assertEqual(incidents(box.alfa, pec_id_of(acceptance)), [])

    def test_each_certified_recipient_has_its_own(self):
        """[3.1.6] and ordinary recipients none"""
        acceptance = self.send("Tre destinatari", GIULIA, MARTA, GIANNI)
        self.expect(EARLY, acceptance, after_12_hours(GIULIA, box.alfa),
                    after_12_hours(MARTA, box.alfa))
        self.expect(FINAL, acceptance, after_24_hours(GIULIA, box.alfa),
                    after_24_hours(MARTA, box.alfa))
        self.assertEqual(ends(box.alfa, acceptance), {GIULIA: "timed_out_at", MARTA: "timed_out_at"})

    def test_a_timer_that_stood_still(self):
        """[3.1.6] After 24 hours nobody needs to hear of the first twelve."""
        acceptance = self.send("Timer fermo", GIULIA)
        self.expect(FINAL, acceptance, after_24_hours(GIULIA, box.alfa))
        self.expect_nothing(FINAL)

    def test_nothing_is_said_of_what_arrived(self):
        """[3.1.6]"""
        box.alfa.submit(anna, [dario], letter(anna, to=[dario], subject="Arrivato"))
        mailboxes.new()
        self.expect_nothing(EARLY, FINAL)

    def test_earlier_by_a_setting(self):
        """[3.1.6] not before 22 hours"""
        box.reconfigure(box.alfa, timeouts={"timeout_hours": 22})
        self.addCleanup(box.reconfigure, box.alfa, timeouts={"timeout_hours": 24})
        acceptance = self.send("Ventidue ore", GIULIA)
        self.expect(EARLY, acceptance, after_12_hours(GIULIA, box.alfa))
        self.expect_nothing("+1319m")
        self.expect("+22h", acceptance, after_24_hours(GIULIA, box.alfa))
        self.expect_nothing(FINAL)


class SomethingWasHeard(Timeouts):
    def test_take_charge_only(self):
        """[3.1.6] only the second notice"""
        acceptance = self.send("Solo presa", GIULIA, MARTA)
        self.gamma_says(TAKEN, acceptance)
        self.expect(EARLY, acceptance, after_12_hours(MARTA, box.alfa))
        self.expect(FINAL, acceptance, after_24_hours(GIULIA, box.alfa),
                    after_24_hours(MARTA, box.alfa))

    def test_delivery_after_the_first_notice(self):
        """[3.1.6] though there never was a take-charge"""
        acceptance = self.send("Consegna dopo dodici", GIULIA)
        self.expect(EARLY, acceptance, after_12_hours(GIULIA, box.alfa))
        self.gamma_says(DELIVERED, acceptance)
        self.assertEqual(ends(box.alfa, acceptance), {GIULIA: "delivered_at"})
        self.expect_nothing(EARLY, FINAL)
        self.assertEqual(ends(box.alfa, acceptance), {GIULIA: "delivered_at"})

    def test_delivery_after_the_second_notice(self):
        """[3.1.6] The user has the receipt, for what it is worth; the dispatch has ended."""
        acceptance = self.send("Consegna tardiva", GIULIA)
        self.expect(FINAL, acceptance, after_24_hours(GIULIA, box.alfa))
        self.gamma_says(DELIVERED, acceptance)
        self.assertEqual(ends(box.alfa, acceptance), {GIULIA: "timed_out_at"})
        self.assertEqual(incidents(box.alfa, pec_id_of(acceptance)), [])
        self.expect_nothing(FINAL, LONG_AFTER)

    def test_non_delivery(self):
        """[3.1.6, 3.3.3] closes the dispatch"""
        acceptance = self.send("Mancata consegna", GIULIA)
        self.gamma_says(NON_DELIVERY, acceptance)
        self.assertEqual(ends(box.alfa, acceptance), {GIULIA: "failed_at"})
        self.expect_nothing(EARLY, FINAL)
        self.assertEqual(ends(box.alfa, acceptance), {GIULIA: "failed_at"})

    def test_delivery(self):
        """[3.1.6]"""
        acceptance = self.send("Consegna", GIULIA)
        self.gamma_says(TAKEN, acceptance)
        self.gamma_says(DELIVERED, acceptance)
        self.expect_nothing(EARLY, FINAL)


class Restartable(Timeouts):
    MANY = 60

    def many(self, subject: str) -> PecMessage:
        return self.send(subject, *(f"utente{number}@{GAMMA}" for number in range(self.MANY)))

    def check_each_once(self, acceptance: PecMessage, came: Arrivals) -> None:
        self.assertEqual(came.kinds(), {anna: self.MANY * [TIMEOUT]})
        notices = came.by_address[anna]
        self.assertEqual({about(notice) for notice in notices},
                         {recipient for recipient, _ in recipients_of(acceptance)})
        self.assertEqual(len({notice.message_id for notice in notices}), self.MANY)
        self.assertEqual(set(ends(box.alfa, acceptance).values()), {"timed_out_at"})
        self.assertEqual(count("timed_out_at IS NOT NULL AND timeout_sent = 0"), 0)
        self.check_notice(notices[0], acceptance, after_24_hours(about(notices[0]), box.alfa))
        self.expect_nothing(FINAL)

    def test_two_at_once(self):
        """[3.1.6] as two nodes would"""
        acceptance = self.many("Due insieme")
        both = [box.alfa.start_pecctl(FINAL, "timeouts") for _ in range(2)]
        for each in both:
            _, errors = each.communicate(timeout=PATIENCE)
            self.assertEqual((each.returncode, errors), (0, ""))
        self.check_each_once(acceptance, mailboxes.new())

    def test_killed_in_between(self):
        """[3.1.6] Some notices are in the queue and not marked as sent: they are asked for again, and
        are the same ones again."""
        acceptance = self.many("Ucciso")
        before = count("timed_out_at IS NOT NULL")
        running = box.alfa.start_pecctl(FINAL, "timeouts")
        wait_until(lambda: count("timed_out_at IS NOT NULL") > before + 5, "some are made")
        running.kill()
        running.communicate()
        self.assertEqual(running.returncode, -9)
        self.assertGreater(count("timed_out_at IS NOT NULL AND timeout_sent = 0"), 0)
        self.assertGreater(count("timed_out_at IS NULL AND delivered_at IS NULL AND failed_at IS NULL "
                                 "AND accepted_at IS NOT NULL"), 0)
        box.alfa.pecctl_at(FINAL, "timeouts")
        self.check_each_once(acceptance, mailboxes.new())

    def test_without_the_milter(self):
        """[3.1.6] What can't be made now is made by the next run."""
        acceptance = self.send("Senza milter", GIULIA)
        box.kill_milter(box.alfa)
        try:
            with self.assertRaises(AssertionError):
                box.alfa.pecctl_at(FINAL, "timeouts")
        finally:
            box.start_milter(box.alfa)
        self.assertEqual(mailboxes.new().kinds(), {})
        self.expect(FINAL, acceptance, after_24_hours(GIULIA, box.alfa))


class StrangeReceipts(Timeouts):
    """Signed as they should be, but late, doubled, contradictory or about somebody else: the user has
    them, in an anomaly envelope if they are not to be believed, and the dispatch stays as it is."""

    def check_unchanged(self, acceptance: PecMessage, say, *expected: tuple[str, str]) -> None:
        """`expected`: what an operator finds in `pecctl incidents`."""
        pec_id = pec_id_of(acceptance)
        before = dispatches(box.alfa, pec_id)
        say()
        self.assertEqual(dispatches(box.alfa, pec_id), before)
        self.assertEqual(incidents(box.alfa, pec_id), list(expected))
        for what, recipient in expected:
            self.assertRegex(box.alfa.pecctl("incidents"),
                             rf"{what} +{re.escape(pec_id)} +{re.escape(recipient)}")

    def test_repeated(self):
        acceptance = self.send("Ripetuta", GIULIA)
        receipt = self.gamma_says(DELIVERED, acceptance)
        # The same message again is dropped at the mailbox; another one, of another second, is one more.
        self.check_unchanged(acceptance, lambda: self.deliver(DELIVERED, receipt, arrives=None))
        said = int(time.time())
        wait_until(lambda: int(time.time()) > said, "a second has passed")
        self.check_unchanged(acceptance, lambda: self.gamma_says(DELIVERED, acceptance))
        self.expect_nothing(FINAL)

    def test_contradictory(self):
        for first, second in ((DELIVERED, NON_DELIVERY), (NON_DELIVERY, DELIVERED)):
            with self.subTest(first):
                acceptance = self.send(f"Contraddetta {first}", GIULIA)
                self.gamma_says(first, acceptance)
                self.check_unchanged(acceptance, lambda: self.gamma_says(second, acceptance, believed=False),
                                     ("contradiction", GIULIA))
                self.expect_nothing(FINAL)

    def test_take_charge_after_the_end(self):
        acceptance = self.send("Presa tardiva", GIULIA)
        self.gamma_says(NON_DELIVERY, acceptance)
        self.gamma_says(TAKEN, acceptance)
        self.assertEqual(ends(box.alfa, acceptance), {GIULIA: "failed_at"})
        self.assertEqual(incidents(box.alfa, pec_id_of(acceptance)), [])

    def test_about_another_recipient(self):
        """[8.5 of the rules] one of gamma's, to whom the message never went"""
        acceptance = self.send("Altro destinatario", GIULIA)
        self.check_unchanged(acceptance,
                             lambda: self.gamma_says(DELIVERED, acceptance, recipient=MARTA,
                                                     believed=False),
                             ("unknown recipient", MARTA))
        self.expect(FINAL, acceptance, after_24_hours(GIULIA, box.alfa))

    def test_about_another_providers_mailbox(self):
        """[8.5 of the rules] Gamma can't say anything about a mailbox of beta's."""
        box.alfa.submit(anna, [GIULIA, dario], letter(anna, to=[GIULIA, dario], subject="Non suo"))
        [acceptance] = mailboxes.new(ordinary=1).of_kind("accettazione", at=anna)
        self.check_unchanged(acceptance,
                             lambda: self.gamma_says(NON_DELIVERY, acceptance, recipient=dario,
                                                     believed=False),
                             ("foreign message", anna))
        self.assertRegex(box.alfa.milter_log(), rf"the mailbox {dario} is not of {NAME}")

    def test_about_a_message_that_was_never_sent(self):
        """[8.5 of the rules] They bring no dispatch to life that could end or time out."""
        acceptance = self.send("Esistente", GIULIA)
        for name, pec_id in (("of ours", f"20261122.never@{box.alfa.domain}"),
                             ("of gamma", gamma.new_id())):
            for kind in (TAKEN, DELIVERED, NON_DELIVERY):
                with self.subTest(name, kind=kind):
                    self.check_unchanged(
                        acceptance, lambda: self.gamma_says(kind, acceptance, pec_id=pec_id,
                                                            believed=name == "of ours"))
                    self.assertEqual([times["accepted_at"] for times
                                      in dispatches(box.alfa, pec_id).values() if times["accepted_at"]],
                                     [])
        self.expect(FINAL, acceptance, after_24_hours(GIULIA, box.alfa))


if __name__ == "__main__":
    harness.main()
