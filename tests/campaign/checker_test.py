# SPDX-License-Identifier: GPL-2.0-or-later
"""The checker, checked: a small world in which all is well, and what it says when one thing in it is
wrong. There is one test for each thing that it can complain of."""

import dataclasses
import re
import unittest

from checker import complaints, figures, marked_uncertified
from facts import (ANOMALY, CERTIFIED, CUT, DELIVERED, EXPIRED, FAILED, INFECTED, LOST, NEVER, NOT_ACCEPTED, ORDINARY,
                   PASSED_ON, REFUSED, TAKEN, Attempt, Found, World, fingerprint)

ANNA, BRUNO = "anna@alfa.example", "bruno@alfa.example"
DARIO, FULL, INFO = "dario@beta.example", "piena@beta.example", "info@beta.example"
GIANNI, NOWHERE, OUTSIDE = "gianni@o.example", "x@nowhere.example", "o.example"
SERVICE = "ricevute@alfa.example"
WORLD = World(frozenset((ANNA, BRUNO, DARIO, FULL)),
              {"alfa.example": SERVICE, "beta.example": "ricevute@beta.example"}, OUTSIDE,
              {INFO: DARIO})
MSGID, PEC_ID = "<1@client>", "1@alfa.example"
BYTES = fingerprint(b"Message-ID: <1@client>\r\nTo: x\r\n\r\nhello\r\n")


def about(mailbox: str, kind: str, message_id: str, **facts) -> Found:
    return Found(mailbox, kind, message_id, MSGID, PEC_ID, **facts)


class Case(unittest.TestCase):
    world = WORLD

    def check(self, *expected: str) -> None:
        """These complaints, as regular expressions, in any order, and no others."""
        found = complaints([self.attempt], self.found, self.world)
        self.assertEqual(len(found), len(expected), found)
        for pattern in expected:
            self.assertTrue(any(re.search(pattern, each) for each in found),
                            (pattern, found))

    def change(self, message: Found, **facts) -> Found:
        changed = dataclasses.replace(message, **facts)
        self.found[self.found.index(message)] = changed
        return changed


class Submitted(Case):
    """To dario; a full mailbox; an ordinary recipient; nobody."""

    def setUp(self):
        self.attempt = Attempt(MSGID, "several", ANNA,
                               {DARIO: DELIVERED, FULL: FAILED, GIANNI: ORDINARY, NOWHERE: LOST},
                               CERTIFIED, BYTES, 100, TAKEN)
        self.acceptance = about(ANNA, "accettazione", "<a@alfa.example>")
        self.envelope = about(DARIO, "posta-certificata", f"<{PEC_ID}>", original=BYTES)
        self.receipt = about(ANNA, "avvenuta-consegna", "<d@beta.example>", about=DARIO,
                             original=BYTES, asked="completa")
        self.failure = about(ANNA, "errore-consegna", "<f@beta.example>", about=FULL, code="5.2.2")
        self.lost = about(ANNA, "errore-consegna", "<l@alfa.example>", about=NOWHERE, code="5.1.2")
        self.taken = about(SERVICE, "presa-in-carico", "<t@beta.example>", covers=(DARIO, FULL))
        self.outside = about(OUTSIDE, "posta-certificata", f"<{PEC_ID}>", original=BYTES)
        self.found = [self.acceptance, self.envelope, self.receipt, self.failure, self.lost,
                      self.taken, self.outside]

    def test_all_is_well(self):
        self.check()

    def test_not_taken_and_there_all_the_same(self):
        for answer in (REFUSED, CUT):
            self.attempt.answer = answer
            self.check()
            self.assertEqual(figures([self.attempt], self.found, WORLD)["not taken, but there"], 1)

    def test_not_taken_and_not_there(self):
        self.attempt.answer, self.found = CUT, []
        self.check()

    def test_not_taken_and_there_by_half(self):
        self.attempt.answer, self.found = CUT, [self.envelope]
        self.check("instead of one accettazione", f"{DARIO}: lost", "no delivery receipt",
                   "0 take-charge", f"{FULL}: lost", f"{NOWHERE}: lost", f"{GIANNI}: lost")

    def test_nothing_came_of_it(self):
        self.found = []
        self.check("lost: it was taken")

    def test_acceptances(self):
        self.found.remove(self.acceptance)
        self.check("instead of one accettazione")
        self.setUp()
        self.found.append(dataclasses.replace(self.acceptance, message_id="<a2@alfa.example>"))
        self.check("instead of one accettazione")
        self.setUp()
        self.change(self.acceptance, mailbox=BRUNO)
        self.check("instead of one accettazione")
        self.setUp()
        self.change(self.acceptance, kind="non-accettazione")
        self.check("instead of one accettazione")

    def test_certified_twice(self):
        self.change(self.receipt, pec_id="2@alfa.example")
        self.check("certified several times")

    def test_no_end(self):
        self.found.remove(self.failure)
        self.check(f"{FULL}: lost: its sender was told nothing")

    def test_a_notice_after_12_hours_is_no_end(self):
        self.change(self.failure, kind="preavviso-errore-consegna", code="4.4.1",
                    message_id="<e@alfa.example>")
        self.check(f"{FULL}: lost: its sender was told nothing")
        self.found.append(self.failure)
        self.check()

    def test_the_end_after_24_hours(self):
        self.change(self.failure, kind="preavviso-errore-consegna", code="5.4.1")
        self.check("was told .'preavviso-errore-consegna'., not one errore-consegna")

    def test_two_ends(self):
        self.found.append(about(ANNA, "errore-consegna", "<f2@beta.example>", about=DARIO))
        self.check(f"{DARIO}: doubled: its sender was told .'avvenuta-consegna', 'errore-consegna'.")

    def test_a_receipt_for_what_is_not_there(self):
        self.found.remove(self.envelope)
        self.check("invented: a delivery receipt")

    def test_no_receipt_for_what_is_there(self):
        self.found.remove(self.receipt)
        self.check("lost: its sender was told nothing", "no delivery receipt")

    def test_other_bytes(self):
        self.change(self.envelope, original="x")
        self.check("posta-certificata embeds other bytes")
        self.setUp()
        self.change(self.receipt, original="x")
        self.check("avvenuta-consegna embeds other bytes")

    def test_bytes_of_short_receipts(self):
        self.receipt = self.change(self.receipt, original="", asked="sintetica")
        self.check()
        self.change(self.receipt, original="x", asked="breve")
        self.check()

    def test_an_envelope_that_embeds_nothing(self):
        self.change(self.envelope, original="")
        self.check("posta-certificata embeds other bytes")

    def test_take_charge(self):
        self.found.remove(self.taken)
        self.check("0 take-charge receipts")
        self.setUp()
        self.found.append(about(SERVICE, "presa-in-carico", "<t2@beta.example>", covers=(DARIO,)))
        self.check("2 take-charge receipts")

    def test_who_failed_has_it(self):
        self.found.append(dataclasses.replace(self.envelope, mailbox=FULL))
        self.check(f"{FULL}: has it, although it failed")

    def test_an_alias(self):
        del self.attempt.fates[DARIO]
        self.attempt.fates[INFO] = DELIVERED
        self.change(self.receipt, about=INFO)
        self.change(self.taken, covers=(INFO,))
        self.check()
        self.found.remove(self.envelope)
        self.check("invented")

    def test_the_ordinary_recipient(self):
        self.found.append(self.outside)
        self.check()
        self.assertEqual(figures([self.attempt], self.found, WORLD)["repeated at the ordinary host"],
                         1)
        self.found = [each for each in self.found if each != self.outside]
        self.check("lost: it did not reach the ordinary host")
        self.found += [self.outside, about(ANNA, "errore-consegna", "<g@a>", about=GIANNI)]
        self.check("its sender was told .'errore-consegna'.")

    def test_what_a_mailbox_passes_on(self):
        """The copy may come or not, and nothing more follows from it."""
        del self.attempt.fates[GIANNI]
        self.check(f"{OUTSIDE} has posta-certificata, which is not for it")
        self.attempt.fates[DARIO] = PASSED_ON
        self.check()
        self.found.remove(self.outside)
        self.check()
        self.found.remove(self.receipt)
        self.check("lost: its sender was told nothing", "no delivery receipt")

    def test_nobody(self):
        self.found.remove(self.lost)
        self.check(f"{NOWHERE}: lost: its sender was told nothing")

    def test_twice_in_a_mailbox(self):
        for message in (self.envelope, self.acceptance, self.taken):
            self.setUp()
            self.found.append(message)
            self.assertTrue(any(each.endswith(f"{message.message_id} 2 times")
                                for each in complaints([self.attempt], self.found, WORLD)))

    def test_one_id_for_two_messages(self):
        self.change(self.lost, message_id=self.failure.message_id)
        self.check("2 times", "is several messages")

    def test_nobody_sent_it(self):
        self.found.append(dataclasses.replace(self.receipt, reference="<2@client>",
                                              message_id="<z@beta.example>"))
        self.check("about <2@client>, which nobody sent")
        self.setUp()
        self.found.append(Found(BRUNO, "ordinaria", "<y@x>"))
        self.check("about nothing, which nobody sent")

    def test_not_signed(self):
        self.found.append(Found(BRUNO, "posta-certificata", "<y@x>", flaw="signature"))
        self.check("signature")

    def test_in_a_mailbox_that_it_is_not_for(self):
        for message in (self.envelope, self.taken, self.failure):
            with self.subTest(message.kind):
                self.setUp()
                self.found.append(dataclasses.replace(message, mailbox=BRUNO, about="", covers=(),
                                                      message_id="<m@alfa.example>"))
                self.check(f"{BRUNO} has {message.kind}, which is not for it")

    def test_about_somebody_else(self):
        self.found.append(about(ANNA, "errore-consegna", "<b@beta.example>", about=BRUNO))
        self.check(f"errore-consegna about .'{BRUNO}'.")
        self.setUp()
        self.change(self.taken, covers=(DARIO, FULL, BRUNO))
        self.check(f"presa-in-carico about .'{BRUNO}'.")

    def test_the_sender_has_another_name_now(self):
        """What is for him lies where his mail is kept."""
        self.world = dataclasses.replace(WORLD, homes={ANNA: BRUNO})
        self.check("instead of one accettazione", *3 * [f"{ANNA} has .*, which is not for it"])
        for message in (self.acceptance, self.receipt, self.failure, self.lost):
            self.change(message, mailbox=BRUNO)
        self.check()
        self.world = WORLD
        self.check("instead of one accettazione", *3 * [f"{BRUNO} has .*, which is not for it"])

    def test_time_ran_out(self):
        self.attempt.fates[FULL] = EXPIRED
        self.check(f"{FULL}: .* something else than that time ran out")
        self.change(self.failure, code="5.4.7")
        self.check()
        self.found.append(dataclasses.replace(self.envelope, mailbox=FULL))
        self.check("has it, although it failed")
        self.found = [each for each in self.found if each.about != FULL and each.mailbox != FULL]
        self.check(f"{FULL}: lost: its sender was told nothing")

    def test_who_was_taken_for_an_ordinary_recipient(self):
        self.change(self.acceptance, recipients=((DARIO, False), (GIANNI, False)))
        self.assertEqual(marked_uncertified(self.found, "beta.example"), 1)
        self.assertEqual(marked_uncertified(self.found, "alfa.example"), 0)
        self.change(self.found[0], recipients=((DARIO, True),))
        self.assertEqual(marked_uncertified(self.found, "beta.example"), 0)


class Infected(Case):
    def setUp(self):
        self.attempt = Attempt(MSGID, "virus", ANNA, {DARIO: INFECTED}, CERTIFIED, BYTES, 9, TAKEN)
        self.failure = about(ANNA, "errore-consegna", "<f@alfa.example>", about=DARIO, code="5.5.1")
        self.detection = about(SERVICE, "rilevazione-virus", "<v@beta.example>", about=DARIO)
        self.found = [about(ANNA, "accettazione", "<a@alfa.example>"), self.failure, self.detection]

    def test_all_is_well(self):
        self.check()

    def test_told_of_something_else(self):
        self.change(self.failure, code="5.1.1")
        self.check("something else than a virus")

    def test_detections(self):
        self.found.remove(self.detection)
        self.check("0 virus detections")
        self.found += [self.detection, dataclasses.replace(self.detection, message_id="<v2@b>")]
        self.check("2 virus detections")

    def test_delivered_all_the_same(self):
        self.found.append(about(DARIO, "posta-certificata", f"<{PEC_ID}>", original=BYTES))
        self.check("has it, although it failed")


class NotAccepted(Case):
    def setUp(self):
        self.attempt = Attempt(MSGID, "formal failure", ANNA, {DARIO: NEVER}, NOT_ACCEPTED, BYTES, 9,
                               TAKEN)
        self.refusal = about(ANNA, "non-accettazione", "<n@alfa.example>")
        self.found = [self.refusal]

    def test_all_is_well(self):
        self.check()

    def test_accepted(self):
        self.change(self.refusal, kind="accettazione")
        self.check("instead of one non-accettazione")

    def test_something_else_left(self):
        self.found.append(about(DARIO, "posta-certificata", f"<{PEC_ID}>", original=BYTES))
        self.check("posta-certificata of what was not accepted")


class FromOutside(Case):
    def setUp(self):
        self.attempt = Attempt(MSGID, "from outside", GIANNI, {DARIO: DELIVERED}, ANOMALY, BYTES, 9,
                               TAKEN)
        self.anomaly = Found(DARIO, "errore", MSGID, MSGID, original=BYTES)
        self.found = [self.anomaly]

    def test_all_is_well(self):
        self.check()

    def test_lost(self):
        self.found = []
        self.check("lost: dario@beta.example has it not")
        self.attempt.answer = CUT
        self.check()

    def test_twice(self):
        self.found.append(self.anomaly)
        self.check("2 times")

    def test_other_bytes(self):
        self.change(self.anomaly, original="x")
        self.check("with other bytes")

    def test_certified(self):
        self.change(self.anomaly, kind="posta-certificata")
        self.check(f"{DARIO} has posta-certificata of it")

    def test_elsewhere(self):
        self.change(self.anomaly, mailbox=ANNA)
        self.check("lost", f"{ANNA} has errore of it")

    def test_to_a_closed_mailbox(self):
        self.attempt.becomes, self.attempt.answer = NEVER, REFUSED
        self.check(f"is in {DARIO}")
        self.attempt.answer, self.found = TAKEN, []
        self.check("was taken")
        self.attempt.answer = REFUSED
        self.check()


class Fingerprint(unittest.TestCase):
    def test_identifiers_do_not_count_and_all_else_does(self):
        same = b"X-Riferimento-Message-ID: <1@client>\r\nMessage-ID: <9@a>\r\nTo: x\r\n\r\nhello\r\n"
        self.assertEqual(fingerprint(same), BYTES)
        for other in (same.replace(b"To: x", b"To:  x"), same.replace(b"hello", b"hell0"),
                      same + b"\r\n", same + b"Message-ID: <9@a>\r\n"):
            self.assertNotEqual(fingerprint(other), BYTES, other)


if __name__ == "__main__":
    unittest.main(verbosity=2)
