# SPDX-License-Identifier: GPL-2.0-or-later
"""What an attack is, how strong it is, and the row that it prints."""

from dataclasses import dataclass, field

from bystander import BETWEEN, Bystander
from cost import Bound, Spent
from support.box import Box


@dataclass(frozen=True)
class Strength:
    is_full: bool
    addresses: int  # of attackers
    connections: int  # of each
    seconds: float  # how long they hold on

    @staticmethod
    def full() -> "Strength":
        return Strength(True, 10, 300, 120.0)

    @staticmethod
    def quick() -> "Strength":
        """More than Postfix's own limits bear, so that a setting which is missing shows."""
        return Strength(False, 4, 60, 8.0)


class Attack:
    """In the order in which each is called, in a sandbox of its own. What is found is what is wrong, in
    words; empty: nothing."""

    name: str
    tries: str
    only_full = False  # too long for the short form
    served_within = 2.0  # seconds, for the bystander at full strength
    unhurried = ""  # what of his may take its time
    pause = BETWEEN  # seconds from one round of his to the next

    # What each thing that is tried may cost: two or three times what it did when this was measured.
    lines_each = 50.0  # of log
    disk_each = 0.3  # MB, beside `copies` of what was sent
    copies = 2.5

    def __init__(self):
        self.tried = 0
        self._octets = 0

    def count(self, tries: int, octets: int = 0) -> None:
        """So many are tried, each of that size."""
        self.tried += tries
        self._octets += tries * octets

    def bound(self, served: int) -> Bound:
        """`served`: how often the bystander was, which costs as much as a try that is taken."""
        return Bound(15 + 0.2 * served + self.disk_each * self.tried + self.copies * self._octets / 1e6,
                     300 + 50 * served + self.lines_each * self.tried)

    def prepare(self, box: Box) -> None:
        """What the host and the attacker have before; programs may be restarted."""

    def run(self, box: Box, strength: Strength, bystander: Bystander) -> str:
        """The attack itself, while the bystander wants to be served."""
        raise NotImplementedError

    def look_back(self, box: Box) -> str:
        """When it is over and the bystander has gone: what shows only then."""
        return ""


@dataclass
class Row:
    attack: Attack
    seconds: float
    findings: list[str]
    bystander: Bystander
    spent: Spent
    faults: list[str] = field(default_factory=list)

    @property
    def good(self) -> bool:
        return not self.faults

    def judge(self, limit: float | None) -> None:
        """`limit`: seconds in which the bystander must be served; None: however long it takes."""
        self.faults += self.findings
        self.faults += self.bystander.faults(limit, self.attack.unhurried)
        self.faults += self.spent.faults(self.attack.bound(sum(self.bystander.served.values())))

    def __str__(self) -> str:
        verdict = "good" if self.good else "BAD: " + "; ".join(self.faults)
        return (f"{self.attack.name:16} {self.seconds:4.0f} s | {self.attack.tries}: {self.attack.tried} | "
                f"{self.bystander} | {self.spent} | {verdict}")
