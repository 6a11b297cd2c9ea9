# SPDX-License-Identifier: GPL-2.0-or-later
"""What happens in a round, and when: pure functions of the seed, so that a run can be had again.

    for action in draw(seed=4711, seconds=180):             # the saboteur's
        print(action)                     # "  12.4 s  stop alfa cleanup for 3.1 s"
    for turn in odd_turns(seed=4711, seconds=180):          # of lives of mailboxes, certificates ...
        print(turn)                       # "  30.0 s  renamed sender at beta"
    did_not_happen(turns, Counter())      # complaints about those of which nothing came

All that can be done is a deck of cards. It is shuffled, dealt to its end, and shuffled again: in a
long run everything happens about equally often. Actions overlap, but never on the same target.
"""

import random
from collections import Counter
from dataclasses import dataclass

PROVIDERS = ("alfa", "beta")
POSTFIX = ("smtpd", "cleanup", "qmgr", "smtp", "lmtp", "bounce")
OWN = ("pec-milter", "pec-policyd")
DISKS = ("queue", "ledger", "mail")
PORTS = ("smtps", "mx", "receipts")
AT_ONCE = ("kill", "cut")  # what is over when it has been done
PAUSE = (0.4, 2.0)  # seconds between one action and the next
LASTS = (1.0, 6.0)  # how long what is not a killing lasts
# How far a clock goes wrong, in seconds. Less than the twelve hours after which a notice is due.
JUMPS = (-7200, -90, -2, 2, 90, 10800)

# Odd circumstances (circumstances.py).
REVOKED, RENAMED, FULL_SENDER = "revoked sender", "renamed sender", "sender with a full mailbox"
DAY_OLD = "directory of yesterday"
REPLACED, ENDING = "certificate replaced", "certificate that ends"
AWAY = "provider away"
QUICK = (REVOKED, RENAMED, FULL_SENDER, DAY_OLD)  # all that a short round has time for
LONG = 90.0  # seconds of a round that has all of them
TURNS_OF_SHORT = 2


@dataclass(frozen=True)
class Card:
    what: str  # kill, stop, cut, fill, read-only, damage, clock
    target: str  # "alfa cleanup", "slapd", ...


@dataclass(frozen=True)
class Action:
    at: float  # seconds since the load began
    what: str
    target: str
    lasts: float = 0.0
    jump: int = 0  # of a clock
    which: float = 0.0  # of several processes: 0 is the first, 0.5 the last, more is all of them

    def __str__(self) -> str:
        by = f" by {self.jump:+d} s" if self.jump else ""
        lasts = f" for {self.lasts:.1f} s" if self.lasts else ""
        return f"{self.at:6.1f} s  {self.what} {self.target}{by}{lasts}"


def deck() -> list[Card]:
    processes = [f"{provider} {program}" for provider in PROVIDERS
                 for program in (*POSTFIX, "dovecot-lmtp", *OWN)]
    # "worker": the one of pec-scanner's two processes that scans. beta asks clamd.
    processes += ["alfa pec-scanner", "alfa worker", "slapd", "clamd", "postgresql-backend"]
    return [
        *(Card("kill", target) for target in (*processes, "postgresql-server")),
        *(Card("stop", target) for target in processes),
        *(Card("cut", f"{provider} {port}") for provider in PROVIDERS for port in PORTS),
        *(Card("fill", f"{provider} {disk}") for provider in PROVIDERS for disk in DISKS),
        *(Card("read-only", f"{provider} ledger") for provider in PROVIDERS),
        Card("damage", "beta directory"),
        *(Card("clock", f"{provider} pec-milter") for provider in PROVIDERS),
    ]


def draw(seed: int, seconds: float) -> list[Action]:
    """Actions in the order of their times, all of which begin within so many seconds."""
    chance = random.Random(seed)
    drawn: list[Action] = []
    waiting: list[Card] = []
    free_at: dict[str, float] = {}  # by target
    now = chance.uniform(*PAUSE)
    while now < seconds:
        if not any(free_at.get(card.target, 0) <= now for card in waiting):
            waiting += chance.sample(deck(), k=len(deck()))
        card = next(card for card in waiting if free_at.get(card.target, 0) <= now)
        waiting.remove(card)
        lasts = 0.0 if card.what in AT_ONCE else chance.uniform(*LASTS)
        jump = chance.choice(JUMPS) if card.what == "clock" else 0
        drawn.append(Action(now, card.what, card.target, lasts, jump, chance.random()))
        free_at[card.target] = now + lasts + PAUSE[0]
        now += chance.uniform(*PAUSE)
    return drawn


@dataclass(frozen=True)
class Turn:
    at: float  # seconds since the load began; AWAY comes when it is over
    what: str
    provider: str  # whose sender or certificate; who is away

    def __str__(self) -> str:
        return f"{self.at:6.1f} s  {self.what} at {self.provider}"


def odd_turns(seed: int, seconds: float) -> list[Turn]:
    """In the order of their times. A round of some minutes has all of them, a shorter one some."""
    chance = random.Random(f"{seed}/turns")
    if seconds >= LONG:
        chosen = chance.sample((*QUICK, REPLACED, ENDING), k=len(QUICK) + 2)
    else:
        chosen = chance.sample(QUICK, k=TURNS_OF_SHORT)
    # The last begins while there is time for it.
    turns = [Turn(seconds * 0.8 * (number + chance.uniform(0.2, 0.8)) / len(chosen), what,
                  "alfa" if what == DAY_OLD else chance.choice(PROVIDERS))
             for number, what in enumerate(chosen)]
    return turns + ([Turn(seconds, AWAY, chance.choice(PROVIDERS))] if seconds >= LONG else [])


def did_not_happen(turns: list[Turn], happened: Counter) -> list[str]:
    """A circumstance of which nothing came was not tried."""
    return [f"it did not happen: {turn.what} at {turn.provider}" for turn in turns
            if not happened[turn.what]]
