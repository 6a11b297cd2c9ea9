# SPDX-License-Identifier: GPL-2.0-or-later
"""The crash campaign: two providers under load while everything breaks; then all is healed, and an
independent checker looks whether anything was lost, invented or doubled.

    scripts/campaign --minutes 3 --seed 1 --seeds 20

One round for each seed:

1. bring up a stage (stage.py): two providers and an ordinary host, with PostgreSQL, slapd, clamd;
2. eight clients send (load.py), and write down what they were told, and nothing else; what lies in
   mailboxes already they send again from outside, of which nothing may come;
   what else befalls senders, directories and certificates meanwhile is in circumstances.py;
3. meanwhile a saboteur (saboteur.py) kills, stops and fills, by a plan that the seed alone decides
   (plan.py); what was killed is started again as systemd would (watch.py), and nobody else helps;
4. after so many minutes no more is sent, all is healed, and queues drain;
5. in a long round, one provider is then away for longer than the other one's queue waits;
6. what an operator is asked to do by `pecctl incidents` is done, and counted: what the suite says that
   it could not do is no loss, what it keeps silent about is one;
7. the checker (checker.py) compares what clients were told with what lies in the mailboxes
   (evidence.py), and the ledgers must agree with that (ledgers.py).

Any complaint makes the exit status 1, and then all facts stay in a folder: mailboxes, queues, logs,
ledgers, and what the clients were told.

What is not done, and why: the machine's clock stays as it is, and only pec-milter's goes wrong
(libfaketime), since Postfix gives up a message whose time is over, and rightly so. Nothing cuts the
power: what a process has written survives its death, so a missing fsync can't show here; the
delivery journal's own test looks at that. Dovecot's and Postfix's masters live: a host whose mail
server is down is no more than one whose clients wait.

scripts/campaign gives this program a pid and a mount namespace of its own: so disks can be small, and
whatever happens nothing outlives it.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import traceback
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path

import checker
import evidence
import ledgers
from circumstances import Circumstances
from facts import Attempt, Found, World
from load import Client
from plan import DAY_OLD, did_not_happen, draw, odd_turns
from rebuilt_index import without_brought_back
from saboteur import Saboteur
from stage import NEW_DOMAIN, Stage
from support.pec_mail import ORDINARY
from support.postgresql import programs as postgresql_programs
from support.waiting import wait_until

CLIENTS = 8
DRAIN_LIMIT = 240.0  # seconds
BETWEEN_FLUSHES = 2.5
NOTHING_DUE = "no notice is due"  # pecctl timeouts
OWN_NAMESPACES = "PEC_CAMPAIGN_NAMESPACES"  # set by scripts/campaign


class Round:
    """One seed."""

    def __init__(self, seed: int, seconds: float):
        self._seed = seed
        self._seconds = seconds
        self._began = time.monotonic()
        self._own_namespaces = OWN_NAMESPACES in os.environ
        self.directory = Path(tempfile.mkdtemp(prefix="pec-campaign-"))
        self.directory.chmod(0o755)
        self.figures: Counter = Counter()
        self.complaints: list[str] = []

    def play(self) -> None:
        self._stage = Stage(self.directory / "stage", self._own_namespaces)
        self._stage.up()
        try:
            self._say("all is up")
            attempts = self._under_fire()
            self._say("all is healed")
            self._drain("queues drain")
            self._say("the queues are empty, or never will be")
            self._odd.while_a_provider_is_away(self._turns)
            self._odd.make_room()
            self._do_as_asked()
            self._judge(attempts + self._odd.attempts)
            self._say("judged")
        finally:
            self._stage.down(keep=bool(self.complaints or sys.exc_info()[0]))

    def _say(self, text: str) -> None:
        print(f"seed {self._seed}, {time.monotonic() - self._began:5.1f} s: {text}", flush=True)

    def _under_fire(self) -> list[Attempt]:
        plan = draw(self._seed, self._seconds)
        self._turns = odd_turns(self._seed, self._seconds)
        print("".join(f"seed {self._seed}: {each}\n" for each in [*plan, *self._turns]), end="")
        self._odd = Circumstances(self._stage, self._say)
        clients = [Client(self._stage, number, self._seed) for number in range(CLIENTS)]
        saboteur = Saboteur(self._stage)
        over = threading.Event()
        with ThreadPoolExecutor(CLIENTS + 2) as pool:
            running = [pool.submit(client.run, over) for client in clients]
            running.append(pool.submit(saboteur.run, plan, over))
            running.append(pool.submit(self._odd.run, self._turns, over))
            over_at = time.monotonic() + self._seconds
            while (left := over_at - time.monotonic()) > 0 and not over.wait(min(left, 0.5)):
                if any(each.done() and each.exception() for each in running):
                    over.set()
            over.set()
            for each in running:
                each.result()
        self._say("all clients have their answers")
        self._stage.wait_until_well()
        self._count_sabotage(saboteur)
        for client in clients:
            self.figures.update({f"replayed: {kind}": times for kind, times in client.replays.items()})
        return [attempt for client in clients for attempt in client.attempts]

    def _count_sabotage(self, saboteur: Saboteur) -> None:
        self.figures["acts of sabotage"] += saboteur.done.total()
        self.figures["starts of what had ended"] += self._stage.watch.restarts.total()
        self._say("done: " + text_of(saboteur.done))
        self._say("nobody was there: " + text_of(saboteur.nobody))
        if saboteur.left_out:
            self._say("LEFT OUT, since it needs namespaces of our own: " + text_of(saboteur.left_out))

    def _drain(self, what: str) -> None:
        """What was put off is not waited for, but asked for now and then."""
        began = time.monotonic()
        providers = (self._stage.box.alfa, self._stage.box.beta)

        def empty() -> bool:
            for provider in providers:
                provider.flush()
            try:
                wait_until(lambda: not any(provider.queue() for _ in range(3)
                                           for provider in providers),
                           "empty queues", BETWEEN_FLUSHES)
            except AssertionError:
                return False  # ask once more
            return self._stage.box.ordinary_is_idle()

        try:
            wait_until(empty, what, DRAIN_LIMIT)
        except AssertionError:
            self.complaints += [f"stuck in the queue: {json.dumps(mail)}" for provider in providers
                                for mail in provider.queue()]
        self.figures["seconds to drain"] += round(time.monotonic() - began)

    def _do_as_asked(self) -> None:
        """An operator's part: has what `pecctl incidents` calls missing made again, and what it calls lost
        sent again, and asks what the
        timer's command would do, which must be nothing. What is no missing receipt is a contradiction
        between receipts, or a report about somebody who was not written to: worse than a loss."""
        asked = set()
        books = ledgers.ledgers(self._stage)
        for key, ledger in books.items():
            for what, pec_id, recipient, detail in ledgers.incidents(ledger):
                self._say(f"{key} has an incident: {what} {pec_id} {recipient} {detail}")
                asked.add((key, "resend" if what.startswith("lost ") else "reissue", pec_id, recipient))
        for key, how, pec_id, recipient in sorted(asked):
            try:
                self._stage.providers[key].pecctl("receipts", how, pec_id, recipient)
            except AssertionError as error:
                self.complaints.append(f"{key} could not {how}: {error}")
        self.figures["operator's steps"] += len(asked)
        if asked:
            self._drain("what the operator has done drains")
            self.complaints += [f"{key} has an incident still: {each}" for key, ledger in books.items()
                                for each in ledgers.incidents(ledger)]
        for provider in self._stage.providers.values():
            said = provider.pecctl("timeouts", "--dry-run").strip()
            if said != NOTHING_DUE:
                self.complaints.append(f"notices are due at {provider.domain}: {said}")

    def _judge(self, attempts: list[Attempt]) -> None:
        box = self._stage.box
        providers = (box.alfa, box.beta)
        world = World(
            users=frozenset(user for provider in providers for user in provider.users),
            services={provider.domain: provider.service_mailbox for provider in providers},
            ordinary=ORDINARY,
            aliases={alias: to for provider in providers
                     for alias, to in provider.info["aliases"].items()},
            homes=self._odd.homes)
        dovecot_says = "".join(Path(provider.info["dovecot_log"]).read_text(errors="replace")
                               for provider in providers)
        found, brought_back = without_brought_back(evidence.collect(box, world), dovecot_says)
        self.figures["brought back with a rebuilt index"] = len(brought_back)
        self.complaints += checker.complaints(attempts, found, world)
        self.complaints += ledgers.judge(ledgers.ledgers(self._stage), found, world)
        self.figures.update(checker.figures(attempts, found, world))
        self._judge_circumstances(found)
        for word in ("lost", "invented", "doubled"):
            self.figures[word] = sum(word in complaint for complaint in self.complaints)
        self.figures["complaints"] = len(self.complaints)
        if self.complaints:
            self._write_facts(attempts, found)

    def _judge_circumstances(self, found: list[Found]) -> None:
        happened = self._odd.happened
        happened[DAY_OLD] = checker.marked_uncertified(found, NEW_DOMAIN)
        self.complaints += self._odd.complaints + did_not_happen(self._turns, happened)
        self.figures.update({f"met mail under way: {turn.what}": happened[turn.what]
                             for turn in self._turns})

    def _write_facts(self, attempts: list[Attempt], found: list[Found]) -> None:
        for name, some in (("told", attempts), ("found", found)):
            lines = "".join(json.dumps(asdict(each)) + "\n" for each in some)
            (self.directory / f"{name}.jsonl").write_text(lines)
        (self.directory / "complaints").write_text("".join(line + "\n" for line in self.complaints))
        with (self.directory / "ledger-alfa.sql").open("wb") as file:
            run_into(file, postgresql_programs() / "pg_dump", "--dbname",
                     self._stage.postgresql.uri("alfa"))


def run_into(file, *command) -> None:
    subprocess.run([str(word) for word in command], stdout=file, check=True)


def text_of(count: Counter) -> str:
    return ", ".join(f"{what} {times}" for what, times in sorted(count.items())) or "nothing"


def print_figures(title: str, figures: Counter) -> None:
    print(f"--- {title}")
    for name, value in sorted(figures.items()):
        print(f"{name:40} {value}")
    sys.stdout.flush()


def main() -> int:
    parser = argparse.ArgumentParser(prog="campaign", description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=3, help="of load, for each seed")
    parser.add_argument("--seed", type=int, default=1, help="of the first round")
    parser.add_argument("--seeds", type=int, default=1, help="how many rounds, each with the next one")
    arguments = parser.parse_args()
    total: Counter = Counter({"lost": 0, "invented": 0, "doubled": 0, "operator's steps": 0})
    failed: list[int] = []
    began = time.monotonic()
    for seed in range(arguments.seed, arguments.seed + arguments.seeds):
        game = Round(seed, arguments.minutes * 60)
        try:
            game.play()
        except Exception:  # the other rounds are worth having
            game.complaints.append(f"the round came to no end: {traceback.format_exc()}")
        print_figures(f"seed {seed}", game.figures)
        total.update(game.figures)
        if game.complaints:
            failed.append(seed)
            print("".join(f"seed {seed}: COMPLAINT: {line}\n" for line in game.complaints))
            print(f"seed {seed}: all facts are in {game.directory}", flush=True)
        else:
            shutil.rmtree(game.directory)
    print_figures(f"{arguments.seeds} seeds, {(time.monotonic() - began) / 60:.1f} minutes", total)
    print(f"campaign: seeds with complaints: {failed}" if failed else "campaign: nothing lost, nothing "
          "invented, nothing doubled")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
