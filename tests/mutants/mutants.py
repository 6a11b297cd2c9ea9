#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Plants faults of one line, one after the other, and tells which ones no test notices.

    scripts/mutants --seed 1 --count 150        # places by chance, the same for a seed and a commit
    scripts/mutants --table                     # the places of tests/mutants/table.toml
    scripts/mutants --only common/pec/dispatch.cpp [--seed 1 --count 20]

It works on a copy of the last commit, in build/mutants, and begins where an earlier run with the same arguments
has stopped. For each fault it builds and runs the unit tests of that library first; then those of what uses it;
then some integration tests. A fault that does not compile counts for nothing. Faults that change nothing are
known by tests/mutants/equivalent.toml, each with the proof.

What is planted may do anything, so tests run in a PID namespace of their own. Needs root, as the integration
tests do. The last line is the figure; the exit status is 1 if a fault went unnoticed.
"""

import argparse
import json
import random
import re
import subprocess
import sys
import tomllib
from dataclasses import asdict, dataclass
from pathlib import Path

from places import Fault, faults_in

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).resolve().parent
WORK = ROOT / "build" / "mutants"
TREE = WORK / "tree"
BUILD = TREE / "build" / "dev"
SOURCES = ("common", "milter", "policyd", "scanner", "pecctl", "dovecot-plugin")
SECONDS = 240  # for one test: a fault may make it run for ever

# By folder, the tests in their order: its own, those of what uses it, and those of the running system.
TESTS = {
    "common/antivirus": [["unit_antivirus"], ["unit_scanner", "unit_milter"], ["integration_(virus|scanner)"]],
    "common/base": [["unit_base"], ["unit_(pec|mime|milter|ledger|policyd)"], ["integration_(flows|policy)"]],
    "common/config": [["unit_config"], ["unit_(milter|pecctl)"], ["integration_(sandbox|policy|spam)"]],
    "common/directory": [["unit_directory"], ["unit_milter"],
                         ["integration_(directory_refresh|pecctl_directory|pecctl_ldap_sync)"]],
    "common/ledger": [["unit_ledger"], ["unit_pecctl", "unit_ledger_postgresql"],
                      ["integration_(timeouts|upgrade|postgresql)"]],
    "common/mime": [["unit_mime"], ["unit_(pec|milter|smime)"], ["integration_(bytes|frame|attacks)"]],
    "common/pec": [["unit_pec"], ["unit_(milter|ledger)"],
                   ["integration_(flows|incoming|certified_mail|anomaly|aliases|addresses|timeouts)"]],
    "common/service": [["unit_service"], ["unit_(milter|policyd)"], ["integration_(aliases|quota|start)"]],
    "common/smime": [["unit_smime"], ["unit_directory"], ["integration_(signer|pecctl_crl)"]],
    "dovecot-plugin": [["unit_dovecot_plugin"], [], ["integration_(dovecot|mailbox_limits|upgrade)"]],
    "milter": [["unit_milter"], ["protocol"], ["integration_(flows|faults|attacks|failures|quota|start)"]],
    "pecctl": [["unit_pecctl"], [], ["integration_pecctl"]],
    "policyd": [["unit_policyd"], [], ["integration_(policy|logins)"]],
    "scanner": [["unit_scanner"], ["unit_antivirus"], ["integration_(scanner|start)"]],
}


@dataclass
class Verdict:
    name: str
    what: str  # "noticed", "survived", "does not compile"
    by: str = ""  # the tests that failed


def main() -> int:
    arguments = _arguments()
    WORK.mkdir(parents=True, exist_ok=True)
    commit = _run(["git", "rev-parse", "HEAD"], ROOT).stdout.strip()
    _prepare(commit)
    faults = faults_of_table(TREE) if arguments.table else _by_chance(arguments)
    record = WORK / f"{'table' if arguments.table else f'seed-{arguments.seed}'}-{commit[:12]}.jsonl"
    known = {each.name: each for each in _read(record)}
    verdicts = []
    for number, fault in enumerate(faults, start=1):
        verdict = known.get(fault.name)
        if verdict is None:
            verdict = _judge(fault)
            with record.open("a") as file:
                file.write(json.dumps(asdict(verdict)) + "\n")
        print(f"{number}/{len(faults)}  {verdict.what}{f' by {verdict.by}' if verdict.by else ''}  {fault.name}",
              flush=True)
        verdicts.append((fault, verdict))
    return _report(verdicts)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="scripts/mutants", description="Which planted faults no test notices.")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=150)
    parser.add_argument("--only", default="", metavar="PATH", help="a file or folder")
    parser.add_argument("--table", action="store_true", help="the faults of tests/mutants/table.toml")
    return parser.parse_args()


def _prepare(commit: str) -> None:
    if not TREE.exists():
        _must(["git", "worktree", "add", "--quiet", "--detach", str(TREE), commit], ROOT)
    _must(["git", "checkout", "--quiet", "--force", "--detach", commit], TREE)
    _must(["cmake", "--preset", "dev"], TREE)
    _must(["cmake", "--build", "--preset", "dev"], TREE)


def sources(tree: Path) -> list[str]:
    return sorted(str(path.relative_to(tree)) for folder in SOURCES for path in (tree / folder).rglob("*")
                  if path.suffix in (".cpp", ".hpp", ".c", ".h"))


def _by_chance(arguments: argparse.Namespace) -> list[Fault]:
    all_faults = [fault for path in sources(TREE) if path.startswith(arguments.only)
                  for fault in faults_in(path, (TREE / path).read_text())]
    return random.Random(arguments.seed).sample(all_faults, min(arguments.count, len(all_faults)))


def faults_of_table(tree: Path) -> list[Fault]:
    """A row names a function and a text in it, never a line's number. Raises LookupError if it is not there."""
    return [_fault_of_row(tree, row) for row in _toml("table.toml")]


def _fault_of_row(tree: Path, row: dict) -> Fault:
    lines = (tree / row["path"]).read_text().split("\n")
    begins = re.compile(rf"\S.*\b{row['function']}\(")
    for first in (at for at, line in enumerate(lines) if begins.match(line)):
        end = next((at for at in range(first, len(lines)) if lines[at] == "}"), first)
        for at in range(first, end):
            if row["before"] in lines[at]:
                after = lines[at].replace(row["before"], row["after"], 1)
                return Fault(row["path"], at + 1, lines[at], after, "table")
    raise LookupError(f"table.toml: {row['path']} has no \"{row['before']}\" in {row['function']}()")


def _judge(fault: Fault) -> Verdict:
    file = TREE / fault.path
    lines = file.read_text().split("\n")
    lines[fault.line - 1] = fault.after
    file.write_text("\n".join(lines))
    try:
        for stage, tests in enumerate(tests_of(fault.path)):
            if not tests:
                continue
            targets = [f"--target={name}" for name in tests] if stage == 0 else []
            if _run(["cmake", "--build", "--preset", "dev", *targets], TREE).returncode != 0:
                return Verdict(fault.name, "does not compile")
            failed = _failed(tests)
            if failed:
                return Verdict(fault.name, "noticed", ", ".join(failed))
        return Verdict(fault.name, "survived")
    finally:
        _must(["git", "checkout", "--quiet", "--", fault.path], TREE)


def tests_of(path: str) -> list[list[str]]:
    return next(tests for folder, tests in TESTS.items() if path.startswith(f"{folder}/"))


def _failed(tests: list[str]) -> list[str]:
    pattern = "|".join(f"^{name}" for name in tests)
    done = _run(["unshare", "--pid", "--fork", "--kill-child", "--mount-proc", "ctest", "--test-dir", str(BUILD),
                 "--timeout", str(SECONDS), "--parallel", "3", "--label-exclude", "^long$", "-R", pattern], TREE)
    if "No tests were found" in done.stdout + done.stderr:
        sys.exit(f"no test is called {pattern}")
    failed = [line.split()[2] for line in done.stdout.splitlines() if line.strip().endswith(("(Failed)", "(Timeout)"))
              or "(SEGFAULT)" in line or "(Subprocess" in line]
    return failed or (["ctest"] if done.returncode != 0 else [])


def _report(verdicts: list[tuple[Fault, Verdict]]) -> int:
    proofs = {(row["path"], row["before"], row["after"]): row["why"] for row in _toml("equivalent.toml")}
    compiled = [each for each in verdicts if each[1].what != "does not compile"]
    survived = [fault for fault, verdict in compiled if verdict.what == "survived"]
    unnoticed = []
    for fault in survived:
        why = proofs.get((fault.path, fault.before.strip(), fault.after.strip()))
        print(f"survived: {fault.name}" + (f"\n  it changes nothing: {why}" if why else ""))
        if not why:
            unnoticed.append(fault)
    print(f"{len(verdicts)} faults, {len(compiled)} compile, {len(survived)} survived"
          f" ({100 * len(survived) / max(len(compiled), 1):.1f} %), {len(unnoticed)} of them without a proof")
    return 1 if unnoticed else 0


def _toml(name: str) -> list[dict]:
    return tomllib.loads((HERE / name).read_text()).get("fault", [])


def _read(record: Path) -> list[Verdict]:
    return [Verdict(**json.loads(line)) for line in record.read_text().splitlines()] if record.exists() else []


def _must(command: list[str], folder: Path) -> None:
    done = _run(command, folder)
    if done.returncode != 0:
        sys.exit(f"{' '.join(command)} failed:\n{done.stdout[-3000:]}{done.stderr[-3000:]}")


def _run(command: list[str], folder: Path) -> subprocess.CompletedProcess:
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, errors="replace", check=False)


if __name__ == "__main__":
    sys.exit(main())
