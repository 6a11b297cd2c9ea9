# SPDX-License-Identifier: GPL-2.0-or-later
"""The judge of mixed_failures_test.py, judged: a small world in which all is well, and what it says
when one thing in it is wrong."""

import dataclasses
import unittest

from support.closure import ACCEPTANCE, DELIVERY, EARLY, ENVELOPE, FAILURE, TIMEOUT, Books, Seen, complaints

ANNA, DARIO, ELENA, GIULIA, GIANNI = (
    "anna@alfa.example", "dario@beta.example", "elena@beta.example", "giulia@gamma.example",
    "gianni@ordinaria.example")
USERS = {ANNA, DARIO, ELENA}
ID = "1@alfa.example"
TO = ((DARIO, True), (ELENA, True), (GIULIA, True), (GIANNI, False))


def told(kind: str, recipient: str, message_id: str, at: str = ANNA) -> Seen:
    return Seen(at, kind, message_id, ID, recipient, TO)


class Closure(unittest.TestCase):
    def setUp(self):
        self.delivery = told(DELIVERY, DARIO, "d@beta.example")
        self.failure = told(FAILURE, ELENA, "f@beta.example")
        self.early = told(EARLY, GIULIA, "e@alfa.example")
        self.timeout = told(TIMEOUT, GIULIA, "t@alfa.example")
        self.acceptance = told(ACCEPTANCE, "", "a@alfa.example")
        self.envelope = told(ENVELOPE, "", ID, at=DARIO)
        self.seen = [self.acceptance, self.envelope, self.delivery, self.failure, self.early,
                     self.timeout, told(FAILURE, GIANNI, "o@alfa.example")]
        self.books = Books(senders={ID: ANNA}, dispatches={
            (ID, DARIO): {"accepted_at", "delivered_at"}, (ID, ELENA): {"accepted_at", "failed_at"},
            (ID, GIULIA): {"accepted_at", "timed_out_at"}})
        self.books.log[ID] = {(ENVELOPE, "", ID)} | {
            (each.kind, each.recipient, each.message_id)
            for each in self.seen if each is not self.envelope}

    def check(self, *expected: str) -> None:
        """These complaints, as regular expressions, and no others."""
        found = complaints(self.seen, self.books, USERS)
        self.assertEqual(len(found), len(expected), found)
        for complaint, pattern in zip(found, expected):
            self.assertRegex(complaint, pattern)

    def change(self, message: Seen, **fields) -> None:
        self.seen[self.seen.index(message)] = dataclasses.replace(message, **fields)

    def test_all_is_well(self):
        self.check()

    def test_what_is_not_in_users_mailboxes_is_not_judged(self):
        self.seen.append(Seen("ricevute@alfa.example", "ordinaria", "x", flaw="a bounce"))
        self.check()

    def test_no_end(self):
        for message in (self.delivery, self.failure, self.timeout):
            with self.subTest(message.kind):
                self.setUp()
                self.seen.remove(message)
                wanted = ["the log has", "ended by .*, and not by one thing"]
                if message.kind == DELIVERY:
                    wanted.append("was not told so")
                self.check(*wanted)

    def test_no_end_anywhere(self):
        self.seen.remove(self.timeout)
        self.books.log[ID].discard((TIMEOUT, GIULIA, self.timeout.message_id))
        self.books.dispatches[ID, GIULIA] = {"accepted_at"}
        self.check(r"ended by \[\], in the ledger by \[\]")

    def test_two_ends(self):
        late = told(DELIVERY, GIULIA, "l@gamma.example")
        self.seen.append(late)
        self.check("the log has", r"ended by \['preavviso-errore-consegna', 'avvenuta-consegna'\]")
        self.books.log[ID].add((DELIVERY, GIULIA, late.message_id))
        self.check("and not by one thing")

    def test_two_ends_in_the_ledger(self):
        self.books.dispatches[ID, ELENA].add("delivered_at")
        self.check("ended by .*'delivered_at', 'failed_at'")

    def test_another_end_in_the_ledger(self):
        self.books.dispatches[ID, ELENA] = {"accepted_at", "timed_out_at"}
        self.check("ended by errore-consegna, but in the ledger by .*timed_out_at")

    def test_no_dispatch(self):
        del self.books.dispatches[ID, ELENA]
        self.check("no dispatch was opened")

    def test_a_dispatch_too_many(self):
        self.books.dispatches["2@alfa.example", ELENA] = {"delivered_at"}
        self.books.dispatches[ID, GIANNI] = {"accepted_at", "failed_at"}
        self.check("not certified: has a dispatch", "2@alfa.example .* nobody accepted")

    def test_an_end_the_log_does_not_know(self):
        self.books.log[ID].discard((FAILURE, ELENA, self.failure.message_id))
        self.check(r"the log has \[\], the mailbox")

    def test_an_end_that_only_the_log_knows(self):
        self.books.log[ID].add((FAILURE, DARIO, "x@beta.example"))
        self.check("the log has .*x@beta.example")

    def test_two_early_notices(self):
        self.seen.append(dataclasses.replace(self.early, message_id="e2@alfa.example"))
        self.check("2 notices after 12 hours", "the log has")

    def test_acceptances(self):
        self.seen.append(dataclasses.replace(self.acceptance, message_id="a2@alfa.example"))
        self.check("not one acceptance")
        self.setUp()
        self.seen.remove(self.acceptance)
        self.check("not one acceptance")
        self.setUp()
        self.change(self.acceptance, mailbox=DARIO)
        self.check("not one acceptance")
        self.setUp()
        self.books.log[ID].discard((ACCEPTANCE, "", self.acceptance.message_id))
        self.check("the log does not know the acceptance")

    def test_about_a_message_nobody_accepted(self):
        self.change(self.failure, pec_id="2@alfa.example")
        self.check("2@alfa.example, which nobody accepted", "the log has", "not by one thing")

    def test_a_message_twice(self):
        self.seen.append(self.envelope)
        self.check("has 1@alfa.example 2 times")

    def test_one_id_for_two_messages(self):
        self.seen[-1] = dataclasses.replace(self.seen[-1], message_id=self.acceptance.message_id)
        self.check("has a@alfa.example 2 times", "a@alfa.example is several messages")

    def test_in_the_wrong_mailbox(self):
        self.change(self.failure, mailbox=ELENA)
        self.check("elena@beta.example has errore-consegna")
        self.setUp()
        self.seen.append(dataclasses.replace(self.envelope, mailbox="fabio@beta.example"))
        self.assertEqual(len(complaints(self.seen, self.books, USERS | {"fabio@beta.example"})), 1)

    def test_about_somebody_else(self):
        self.seen.append(told(FAILURE, "x@x.example", "x@alfa.example"))
        self.check("about x@x.example")

    def test_delivered_and_not_told(self):
        self.seen.append(dataclasses.replace(self.envelope, mailbox=ELENA))
        self.check("elena@beta.example has 1@alfa.example, and anna@alfa.example was not told so")

    def test_ordinary_recipients_have_one_notice_at_most(self):
        self.seen.append(told(FAILURE, GIANNI, "o2@alfa.example"))
        self.check("not certified: 2 notices")
        self.seen[-2:] = [told(DELIVERY, GIANNI, "o3@alfa.example")]
        self.check("not certified: avvenuta-consegna")

    def test_who_was_certified_only_later_has_an_end(self):
        """His provider has said it, of one whom the sender's took for an ordinary recipient."""
        users = USERS | {GIANNI}

        def check(*expected: str) -> None:
            found = complaints(self.seen, self.books, users)
            self.assertEqual(len(found), len(expected), found)
            for complaint, pattern in zip(found, expected):
                self.assertRegex(complaint, pattern)

        [notice] = [each for each in self.seen if each.recipient == GIANNI]
        self.change(notice, kind=DELIVERY)
        self.books.log[ID] ^= {(FAILURE, GIANNI, "o@alfa.example"), (DELIVERY, GIANNI, "o@alfa.example")}
        self.seen.append(dataclasses.replace(self.envelope, mailbox=GIANNI))
        self.books.dispatches[ID, GIANNI] = {"taken_in_charge_at"}
        check()
        self.books.dispatches[ID, GIANNI] = {"accepted_at", "delivered_at"}
        check("certified: has a dispatch")
        del self.books.dispatches[ID, GIANNI]
        self.books.log[ID].discard((DELIVERY, GIANNI, "o@alfa.example"))
        check(r"the log has \[\], the mailbox")
        self.seen = [each for each in self.seen if each.recipient != GIANNI]
        check(r"certified: ended by \[\]", "was not told so")

    def test_what_is_not_signed(self):
        self.seen.append(Seen(ANNA, "ordinaria", "x@x.example", flaw="no signature"))
        self.check("not certified mail, x@x.example: no signature")


if __name__ == "__main__":
    unittest.main(verbosity=2)
