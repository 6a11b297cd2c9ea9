"""How strong an attack is, and the row that it prints."""

from dataclasses import dataclass, field

from bystander import Bystander
from cost import Spent


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


@dataclass
class Row:
    attack: object
    seconds: float
    finding: str  # what is wrong; empty: nothing
    bystander: Bystander
    spent: Spent
    faults: list[str] = field(default_factory=list)

    @property
    def good(self) -> bool:
        return not self.faults

    def judge(self, limit: float | None) -> None:
        """`limit`: seconds in which the bystander must be served; None: however long it takes."""
        if self.finding:
            self.faults.append(self.finding)
        self.faults += self.bystander.faults(limit)
        self.faults += self.spent.faults()

    def __str__(self) -> str:
        verdict = "good" if self.good else "BAD: " + "; ".join(self.faults)
        return (f"{self.attack.name:16} {self.seconds:4.0f} s | {self.attack.tries} | {self.bystander}"
                f" | {self.spent} | {verdict}")
