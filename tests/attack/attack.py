# SPDX-License-Identifier: GPL-2.0-or-later
"""Attacks on a provider with the shipped settings, and what somebody feels who has nothing to do with it.

    python3 tests/attack/attack.py               # all, at full strength: half an hour at most
    python3 tests/attack/attack.py --quick       # the short form, as `ctest -R attack` runs it
    python3 tests/attack/attack.py idle-mx       # one of them; --list names all

Each attack is bounded in number and time, and prints one row: what was tried, what a bystander felt
meanwhile (his submission and his login, the slowest), what it cost (memory of all programs, of pec-milter
alone, disk, lines of log), and the verdict. The exit status is 1 if a verdict is bad.

Whether the bystander is served decides in both forms. How fast is judged at full strength only, where the
machine has nothing else to do.

The attackers have addresses of loopback that the sandbox holds for strangers (support/mail_hosts.py). What
a sandbox has beyond the shipped settings to spare tests time (Dovecot's delays) is taken back here.
"""

import argparse
import os
import resource
import sys
import time
import traceback

import shipped
from bounces import BOUNCES
from bystander import Bystander
from colleagues import COLLEAGUES
from cost import Cost
from doors import DOORS
from files import FILES
from floods import FLOODS
from guesses import GUESSES
from idle import IDLE
from idle_tls import IDLE_TLS
from rates import RATES
from replays import REPLAYS
from scans import SCANS
from support import harness, own_network
from verdict import Attack, Row, Strength
from viruses import VIRUSES

ATTACKS = {attack.name: attack for attack in [*IDLE, *IDLE_TLS, *DOORS, *VIRUSES, *RATES, *GUESSES, *SCANS, *REPLAYS,
                                              *FLOODS, *BOUNCES, *FILES, *COLLEAGUES]}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="the short form")
    parser.add_argument("--list", action="store_true", help="names the attacks")
    parser.add_argument("names", nargs="*", metavar="NAME")
    arguments = parser.parse_args()
    if arguments.list:
        print("\n".join(f"{attack.name:20} {attack.tries}" for attack in ATTACKS.values()))
        return 0
    if unknown := set(arguments.names) - set(ATTACKS):
        parser.error(f"no attack {', '.join(sorted(unknown))}; --list names all")
    if os.geteuid() != 0:
        print("SKIPPED: the attacks start Postfix and Dovecot, which must start as root")
        return harness.SKIPPED
    own_network.enter()
    many = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (many, many))
    strength = Strength.quick() if arguments.quick else Strength.full()
    names = arguments.names or [each.name for each in ATTACKS.values()
                                if strength.is_full or not each.only_full]
    rows = [run(ATTACKS[name], strength) for name in names]
    return 0 if all(row.good for row in rows) else 1


def run(attack: Attack, strength: Strength) -> Row:
    """In a sandbox of its own: no attack pays for another."""
    with shipped.box() as box:
        attack.prepare(box)
        bystander, cost = Bystander(box, attack.pause), Cost(box)
        bystander.get_known()
        cost.begin()
        began = time.monotonic()
        with bystander.served_meanwhile():
            found = finding_of(lambda: attack.run(box, strength, bystander))
        seconds, spent = time.monotonic() - began, cost.end()
        findings = list(filter(None, [found, finding_of(lambda: attack.look_back(box))]))
        row = Row(attack, seconds, findings, bystander, spent)
        row.judge(attack.served_within if strength.is_full else None)
        print(row, flush=True)
        if not row.good:
            box.print_logs()
        return row


def finding_of(step) -> str:
    try:
        return step()
    except Exception:  # the row says so; the others are run
        return "it broke: " + traceback.format_exc(limit=-3)


if __name__ == "__main__":
    sys.exit(main())
