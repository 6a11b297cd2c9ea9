# SPDX-License-Identifier: GPL-2.0-or-later
"""Passwords that are guessed, where wrong ones are counted for each account (pec-logins.conf.ext)."""

from concurrent.futures import ThreadPoolExecutor

from bystander import USER_AT, Bystander
from support.box import Box
from support.logins import MOST_OF_ACCOUNT, TOO_MANY, Logins, different_passwords
from verdict import Attack, Strength

HOLDER_AT = "127.0.5.9"
AT_ONCE = 16  # connections


class Guesses(Attack):
    """From the bystander's own address: a town hall has one for all who work there."""

    name = "guesses"
    lines_each, disk_each = 10.0, 0.02
    pause = 2.0  # he opens two connections in a round, of the five in a second that all at this address have
    tries = "passwords for one account, by IMAP and SMTP, from an address that others have, too"

    def prepare(self, box: Box) -> None:
        self._logins = Logins(box, box.alfa)
        if said := self._logins.by_imap(box.alfa.users[0], HOLDER_AT):
            raise AssertionError(said)

    def run(self, box: Box, strength: Strength, bystander: Bystander) -> str:
        anna = box.alfa.users[0]
        ways = [self._logins.by_imap, self._logins.by_smtp]
        with ThreadPoolExecutor(AT_ONCE) as guessers:
            passwords = different_passwords(anna, 163 if strength.is_full else 80)
            said = list(guessers.map(lambda guess: ways[guess[0] % 2](anna, USER_AT, guess[1]),
                                     enumerate(passwords)))
        self.count(len(said))
        tried = [each for each in said if TOO_MANY not in each]
        if len(tried) != MOST_OF_ACCOUNT:
            return f"{len(tried)} passwords were tried: {set(tried)}"
        if not self._logins.by_imap(anna, USER_AT):
            return "the right password was tried for a stranger"
        for way in (self._logins.by_imap, self._logins.by_smtp):
            if refused := way(anna, HOLDER_AT):
                return f"the holder was not let in from where he is known: {refused}"
        return ""


GUESSES = [Guesses()]
