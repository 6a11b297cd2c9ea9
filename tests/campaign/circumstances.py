# SPDX-License-Identifier: GPL-2.0-or-later
"""Odd circumstances: what befalls senders, directories and certificates while their mail is under way. The
plan says which, when and at which provider (plan.odd_turns).

    odd = Circumstances(stage, print)
    odd.run(turns, over)                  # one after the other, from a thread of its own; all of them
    odd.while_a_provider_is_away(turns)   # when nothing is under way, and nobody breaks anything
    odd.attempts, odd.homes, odd.happened, odd.complaints

A turn has *happened* if it met mail that was under way; the figures of campaign.py say how often. What it
asks of what comes is the checker's to say: a recipient has the same end and the sender has the same
receipts, whatever happens to either. Everything is tried until it succeeds, since all breaks meanwhile.
"""

import json
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from facts import CERTIFIED, DELIVERED, EXPIRED, FAILED, LOST, NEVER, TAKEN, Attempt
from ledgers import OWED_TO_OTHERS, ledgers, lost_receipts, not_kept
from load import OUTSIDE, Outgoing, compose, hand_in
from plan import AWAY, DAY_OLD, ENDING, FULL_SENDER, RENAMED, REPLACED, REVOKED, Turn
from stage import ENDING as ENDING_CERTIFICATE, LAST, NARROW, NEW_DOMAIN, NEW_PEOPLE, NEXT, Stage, insist
from support.box import Provider
from support.changed_postfix import ChangedPostfix

PASSWORD = "una parola segreta"
SHORT = "2s"  # a queue's lifetime, when a provider is away
PUT_OFF = "Certified mail system temporarily unavailable"
SIGNING_HAS_STOPPED = "nothing is signed any more, and mail waits"
BETWEEN_LOOKS = 0.5  # seconds


class Circumstances:
    def __init__(self, stage: Stage, say: Callable[[str], None]):
        self._stage = stage
        self._say = say
        self._numbers = iter(range(1, 1_000_000))
        # By provider's key: the certificates that are in its entry, the one in use last.
        self._listed = {key: ["signing"] for key in stage.providers}
        self._narrow: set[str] = set()
        self.attempts: list[Attempt] = []
        self.homes: dict[str, str] = {}  # of renamed mailboxes: name before -> name now
        self.happened: Counter = Counter()
        self.complaints: list[str] = []

    def run(self, turns: list[Turn], over: threading.Event) -> None:
        """What is left when the load is over is done then."""
        began = time.monotonic()
        for turn in turns:
            if turn.what != AWAY:
                over.wait(max(0.0, began + turn.at - time.monotonic()))
                self._take(turn)

    def _take(self, turn: Turn) -> None:
        """What comes to no end is a complaint: what else came is worth being judged."""
        do = {REVOKED: self._revoke, RENAMED: self._rename, FULL_SENDER: self._fill_sender,
              DAY_OLD: self._know_later, REPLACED: self._replace, ENDING: self._end,
              AWAY: self._be_away}
        began = time.monotonic()
        try:
            do[turn.what](turn.provider)
        except AssertionError as error:
            self.complaints.append(f"{turn}: {error}")
        self._say(f"{turn.what} at {turn.provider}: {time.monotonic() - began:.1f} s")

    # ---- sending -------------------------------------------------------------------------------------

    def _provider(self, key: str) -> Provider:
        return self._stage.providers[key]

    def _other(self, key: str) -> Provider:
        return self._provider("beta" if key == "alfa" else "alfa")

    def _send(self, kind: str, sender: str, fates: dict[str, str], becomes: str = CERTIFIED) -> Attempt:
        """Once, as a client does."""
        number = next(self._numbers)
        outgoing = Outgoing(kind, sender, fates, {}, becomes, content=f"\r\nNumero {number}.\r\n".encode())
        attempt, message = compose(outgoing, f"<odd.{number}@client.example>")
        self.attempts.append(attempt)
        to = self._home_provider(sender if becomes == CERTIFIED else next(iter(fates)))
        hand_in(attempt, outgoing, message, to)
        return attempt

    def _home_provider(self, address: str) -> Provider:
        return next(provider for provider in self._stage.providers.values()
                    if address.endswith(f"@{provider.domain}"))

    def _send_surely(self, kind: str, sender: str, fates: dict[str, str]) -> Attempt:
        """Until one is taken; the others are judged as well."""
        def taken() -> Attempt:
            attempt = self._send(kind, sender, fates)
            if attempt.answer != TAKEN:
                raise AssertionError(f"{attempt.kind}: {attempt.answer}: {attempt.said}")
            return attempt

        return insist(taken, f"{kind} is taken")

    # ---- mailboxes -----------------------------------------------------------------------------------

    def _new_person(self, key: str, name: str) -> str:
        """With an account in the ledger, who can log in."""
        provider = self._provider(key)
        person = f"{name}@{provider.domain}"
        self._change_mailbox(key, person, "active", "add", person, "--holder", "Il titolare")
        provider.passwords[person] = PASSWORD

        def logs_in() -> None:
            provider.pecctl("mailbox", "passwd", person, typed=PASSWORD + "\n")
            with provider.mailbox(person):
                pass

        insist(logs_in, f"{person} logs in")
        provider.users.append(person)
        return person

    def _change_mailbox(self, key: str, person: str, state: str, *command: str) -> None:
        """A pecctl that was cut off may have done it all the same."""
        ledger = ledgers(self._stage)[key]

        def is_so() -> bool:
            return (state,) in ledger.query(f"SELECT state FROM mailbox WHERE address = '{person}'")

        def change() -> None:
            if not is_so():
                self._provider(key).pecctl("mailbox", *command)

        insist(change, f"pecctl mailbox {' '.join(command)}")

    @contextmanager
    def _deliveries_wait(self, provider: Provider) -> Iterator[None]:
        """So the receipts of what is sent meanwhile are surely under way."""
        insist(lambda: ChangedPostfix(provider).set(defer_transports="lmtp"), "deliveries wait")
        try:
            yield
        finally:
            insist(lambda: ChangedPostfix(provider).set(defer_transports=""), "deliveries go on")
        self._wait_until_gone(provider)

    def _with_receipts_under_way(self, key: str, kind: str) -> tuple[str, int]:
        """A new person who has just sent; and how many receipts that makes."""
        person = self._new_person(key, f"{kind.partition(' ')[0]}-{next(self._numbers)}")
        colleague, others = self._provider(key).users[0], self._other(key).users[:2]
        fates = [dict.fromkeys(others, DELIVERED), {others[0]: DELIVERED, colleague: DELIVERED},
                 {others[1]: DELIVERED, f"nessuno@{self._other(key).domain}": FAILED}]
        sent = [self._send_surely(kind, person, fates[0]),
                *(self._send(kind, person, each) for each in fates[1:])]
        return person, sum(1 + len(each.fates) for each in sent if each.answer == TAKEN)

    def _count_under_way(self, key: str, kind: str, person: str, expected: int) -> None:
        """How many receipts are still to come to this mailbox."""
        provider = self._provider(key)

        def there() -> int:
            with provider.mailbox(person) as mailbox:
                return len(mailbox.all())

        self.happened[kind] += max(0, expected - insist(there, f"{person} can read"))

    def _revoke(self, key: str) -> None:
        with self._deliveries_wait(self._other(key)):
            person, expected = self._with_receipts_under_way(key, REVOKED)
            self._change_mailbox(key, person, "revoked", "revoke", person, "--reason", "a test")
            self._count_under_way(key, REVOKED, person, expected)
        self._nothing_else_comes(key, person)

    def _rename(self, key: str) -> None:
        provider = self._provider(key)
        with self._deliveries_wait(self._other(key)):
            person, expected = self._with_receipts_under_way(key, RENAMED)
            now = f"now-{person}"
            self._change_mailbox(key, person, "retired", "rename", person, now, "--yes")
            provider.users[provider.users.index(person)] = now
            provider.passwords[now] = PASSWORD
            self.homes[person] = now
            self._count_under_way(key, RENAMED, now, expected)
        self._nothing_else_comes(key, person)
        self._send(RENAMED, self._other(key).users[0], {now: DELIVERED})

    def _nothing_else_comes(self, key: str, name: str) -> None:
        """To a name that is no more, but receipts for what was sent under it."""
        for sender in (self._other(key).users[0], self._provider(key).users[1]):
            self._send_surely("to a name that is no more", sender,
                              {name: FAILED, self._provider(key).users[0]: DELIVERED})
        self._send("from outside, to a name that is no more", f"gianni@{OUTSIDE}", {name: NEVER}, NEVER)

    def _fill_sender(self, key: str) -> None:
        """There will be room when all is over (make_room)."""
        provider, others = self._provider(key), self._other(key).users
        sender = f"{NARROW}@{provider.domain}"
        self._narrow.add(sender)
        insist(lambda: provider.set_quota(sender, "1K"), f"{sender} is full")
        for to in ({others[0]: DELIVERED}, {others[1]: DELIVERED, provider.users[0]: DELIVERED},
                   {f"nessuno@{self._other(key).domain}": FAILED}):
            self._send_surely(FULL_SENDER, sender, to)

    def make_room(self) -> None:
        """How many receipts did not fit is known by now."""
        for sender in self._narrow:
            key = sender.split(".")[1]
            for what, pec_id, recipient, detail in lost_receipts(ledgers(self._stage)[key]):
                self.happened[FULL_SENDER] += sender in detail
            self._provider(key).set_quota(sender)

    # ---- directories and certificates ----------------------------------------------------------------

    def _know_later(self, _: str) -> None:
        """beta has a new domain. alfa's directory doesn't have it when its users write there, and it has
        when the mail finds its way. Those whom alfa has marked as ordinary recipients are beta's certified
        ones."""
        alfa, beta = self._provider("alfa"), self._provider("beta")
        nora, full = NEW_PEOPLE
        for fates in ({nora: DELIVERED, beta.users[0]: DELIVERED}, {nora: DELIVERED, full: FAILED},
                      {f"nessuno@{NEW_DOMAIN}": LOST}):
            self._send_surely(DAY_OLD, alfa.users[0], fates)
        self._stage.change_directory("alfa", lambda entries: entries[beta.name].domains.append(NEW_DOMAIN))
        insist(self._stage.lead_to_new_domain, "alfa knows the way to the new domain")
        insist(alfa.flush, "alfa tries again")
        self._send_surely(DAY_OLD, alfa.users[1], {nora: DELIVERED})

    def _list_certificates(self, key: str, names: list[str]) -> None:
        """In the entry of the provider, in both directories. Returns when both milters know."""
        provider = self._provider(key)
        files = [self._stage.certificate(provider, name) for name in names]
        for each in self._stage.providers:
            self._stage.change_directory(
                each, lambda entries: setattr(entries[provider.name], "certificates", files))

    def _replace(self, key: str) -> None:
        """While mail that was signed with the old one waits on its way to mailboxes. Nobody knows it any
        more when that mail is delivered."""
        stage, provider, other = self._stage, self._provider(key), self._other(key)
        listed = self._listed[key]
        old = listed[-1]
        listed.append(NEXT)
        self._list_certificates(key, listed)
        stage.all_signers_known.clear()
        try:
            stage.have_right_time()
            with self._deliveries_wait(other):
                for number in range(3):
                    self._send_surely(REPLACED, provider.users[number], {other.users[number]: DELIVERED})
                stage.sign_with(provider, NEXT)
                self._wait_until_gone(provider)  # what is signed with the old one
                self._list_certificates(key, [name for name in listed if name != old])
                self.happened[REPLACED] += len(insist(other.queue, "what waits"))
        finally:
            self._list_certificates(key, listed)
            stage.all_signers_known.set()

    @staticmethod
    def _wait_until_gone(provider: Provider) -> None:
        """All that is in the queue now."""
        ids = {mail["queue_id"] for mail in insist(provider.queue, "the queue")}

        def gone() -> None:
            provider.flush()
            left = ids & {mail["queue_id"] for mail in provider.queue()}
            if left:
                threading.Event().wait(BETWEEN_LOOKS)
                raise AssertionError(f"still in the queue of {provider.domain}: {sorted(left)}")

        insist(gone, f"what was in the queue of {provider.domain} is gone")

    def _end(self, key: str) -> None:
        """Some hours before the end nothing is signed any more, and mail waits; a new one lets it go on."""
        stage, provider, other = self._stage, self._provider(key), self._other(key)
        self._listed[key] += [ENDING_CERTIFICATE, LAST]
        self._list_certificates(key, self._listed[key])
        self._send_surely(ENDING, other.users[0], {provider.users[0]: DELIVERED})
        log = len(provider.milter_log())
        stage.sign_with(provider, ENDING_CERTIFICATE)
        insist(lambda: self._send_in_vain(provider, other), "mail is refused for now")
        self.happened[ENDING] += SIGNING_HAS_STOPPED in provider.milter_log()[log:]
        stage.sign_with(provider, LAST)
        self._send_surely(ENDING, provider.users[0], {other.users[0]: DELIVERED})

    def _send_in_vain(self, provider: Provider, other: Provider) -> None:
        """It is the milter that puts it off, and not something that is broken just now."""
        attempt = self._send(ENDING, provider.users[0], {other.users[0]: DELIVERED})
        if attempt.answer == TAKEN:
            self.complaints.append(f"{attempt.msgid} was taken, with a certificate that ends")
        elif not (attempt.said.startswith("451") and PUT_OFF in attempt.said):
            raise AssertionError(f"{attempt.answer}: {attempt.said}")

    # ---- a provider is away --------------------------------------------------------------------------

    def while_a_provider_is_away(self, turns: list[Turn]) -> None:
        """If that is in the plan."""
        for turn in turns:
            if turn.what == AWAY:
                self._take(turn)

    def _be_away(self, key: str) -> None:
        """Its incoming point is closed, for longer than the other one's queue keeps anything. What its own
        users send meanwhile is delivered, and their receipts run out of time; and so does what is sent to
        them."""
        gone, there = self._provider(key), self._other(key)
        with ChangedPostfix(gone) as closed, ChangedPostfix(there) as impatient:
            closed.close_service("mx")
            impatient.set(maximal_queue_lifetime=SHORT, bounce_queue_lifetime=SHORT)
            owed = [self._send_surely(AWAY, gone.users[number], {there.users[number]: DELIVERED})
                    for number in range(3)]
            for number in range(2):
                self._send_surely("to a " + AWAY, there.users[number], {gone.users[number]: EXPIRED})
            self._wait_until_empty(gone)
            self._wait_until_empty(there)
        debtor = "beta" if key == "alfa" else "alfa"
        ledger = ledgers(self._stage)[debtor]
        for attempt in owed:
            lost = not_kept(debtor, ledger, attempt.msgid, list(attempt.fates))
            self.complaints += lost
            self.happened[AWAY] += len(OWED_TO_OTHERS) * len(attempt.fates) - len(lost)

    @staticmethod
    def _wait_until_empty(provider: Provider) -> None:
        def empty() -> None:
            provider.flush()
            if left := provider.queue():
                threading.Event().wait(BETWEEN_LOOKS)
                raise AssertionError(f"in the queue of {provider.domain}: {json.dumps(left)}")

        insist(empty, f"the queue of {provider.domain} is empty")
