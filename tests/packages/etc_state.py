# SPDX-License-Identifier: GPL-2.0-or-later
"""What stands in a host's /etc at one moment, and how two moments differ.

    before = host.etc()
    ... install, purge ...
    for change in host.etc().since(before):      # "changed /etc/postfix/main.cf: ..."
        print(change)

A file is its content, mode, and the names of its owner and group. The files of accounts are left out. Accounts are
compared by their names, for each host numbers its own.
"""

import difflib
import hashlib
import os
import stat
from dataclasses import dataclass
from pathlib import Path

# Accounts, and the backups that tools make of them.
ACCOUNTS = {name + end for name in ("passwd", "group", "shadow", "gshadow", "subuid", "subgid") for end in ("", "-")}
ACCOUNTS.add(".pwd.lock")
DERIVED = {"ld.so.cache"}  # says which libraries are installed, in an order of its own


@dataclass(frozen=True)
class Entry:
    kind: str  # "file", "folder", "link"
    mode: int
    owner: str
    group: str
    digest: str  # of the content; of a link, where it leads
    content: bytes = b""

    def difference(self, after: "Entry") -> str:
        if (self.kind, self.digest) != (after.kind, after.digest):
            lines = [each.content.decode(errors="replace").splitlines() for each in (self, after)]
            return "\n".join(["content", *list(difflib.unified_diff(*lines, n=0, lineterm=""))[2:]])
        return (f"{self.owner}:{self.group} {self.mode:o} became {after.owner}:{after.group} {after.mode:o}")


@dataclass(frozen=True)
class EtcState:
    entries: dict[str, Entry]  # by the path below /etc
    users: frozenset[str]
    groups: frozenset[str]

    @staticmethod
    def of(etc: Path) -> "EtcState":
        """`etc`: may be another machine's; no link is followed."""
        users, groups = _names(etc / "passwd"), _names(etc / "group")
        entries = {}
        for folder, folders, files in os.walk(etc):
            for name in [*folders, *files]:
                path = Path(folder) / name
                inside = str(path.relative_to(etc))
                if inside not in ACCOUNTS | DERIVED:
                    entries[inside] = _entry(path, users, groups)
        return EtcState(entries, frozenset(users.values()), frozenset(groups.values()))

    def since(self, before: "EtcState") -> list[str]:
        """Each difference as a line, files first: what came, what went, what changed and how."""
        changes = [f"new /etc/{path}" for path in sorted(self.entries.keys() - before.entries.keys())]
        changes += [f"gone /etc/{path}" for path in sorted(before.entries.keys() - self.entries.keys())]
        for path in sorted(before.entries.keys() & self.entries.keys()):
            if before.entries[path] != self.entries[path]:
                changes.append(f"changed /etc/{path}: {before.entries[path].difference(self.entries[path])}")
        for what, now, then in (("user", self.users, before.users), ("group", self.groups, before.groups)):
            changes += [f"new {what} {name}" for name in sorted(now - then)]
            changes += [f"gone {what} {name}" for name in sorted(then - now)]
        return changes


def _names(file: Path) -> dict[int, str]:
    """The names of passwd or group by their numbers."""
    lines = [line.split(":") for line in file.read_text(encoding="utf-8").splitlines()]
    return {int(fields[2]): fields[0] for fields in lines if len(fields) > 2}


def _entry(path: Path, users: dict[int, str], groups: dict[int, str]) -> Entry:
    about = path.lstat()
    owner = users.get(about.st_uid, str(about.st_uid)), groups.get(about.st_gid, str(about.st_gid))
    mode = stat.S_IMODE(about.st_mode)
    if stat.S_ISLNK(about.st_mode):
        return Entry("link", mode, *owner, os.readlink(path))
    if stat.S_ISDIR(about.st_mode):
        return Entry("folder", mode, *owner, "")
    content = path.read_bytes() if stat.S_ISREG(about.st_mode) else b""
    return Entry("file", mode, *owner, hashlib.sha256(content).hexdigest(), content)
