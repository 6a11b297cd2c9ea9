# SPDX-License-Identifier: GPL-2.0-or-later
"""File trees of Debian hosts, made once and kept: a base for each release, and layers of packages upon it.

    trees = Trees("bookworm")                                   # below build/hosts, or PEC_HOSTS_DIR
    layers = trees.layers(Recipe(("postfix", "dovecot-imapd")))   # the uppermost first, for overlayfs
    trees.download(layers, ["postfix-sqlite"])                  # for `apt-get install` on a host without network

A tree is made in a folder of another name and renamed when it is whole. So one that is there is good, whenever its
maker was killed. `rm -r build/hosts/bookworm` is how to get newer packages.

Packages come from the mirror of the machine's own apt sources. A booted host has no way to it, so what it will install
is downloaded before, into a folder that the host gets as /var/cache/apt/archives.
"""

import contextlib
import fcntl
import hashlib
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from enclosure import CommandError, Enclosure, run

ROOT = Path(__file__).resolve().parents[2]
RELEASES = ("bookworm", "trixie")
BASE = ("systemd", "systemd-sysv", "dbus", "libpam-systemd", "iproute2", "procps", "openssl", "rsyslog", "cron",
        "ca-certificates")
ARCHIVES = "/var/cache/apt/archives"
NO_SERVICES = "#!/bin/sh\nexit 101\n"  # policy-rc.d: no service starts while a tree is made


@dataclass(frozen=True)
class Recipe:
    """What stands on the base."""

    packages: tuple[str, ...] = ()
    answers: str = ""  # lines for debconf-set-selections
    build_depends: str = ""  # as in debian/control

    @property
    def name(self) -> str:
        return "with-" + hashlib.sha256(repr((BASE, self)).encode()).hexdigest()[:12]


def mirror(suite: str) -> str:
    """The address of Debian's mirror (`suite`: main) or of its security updates (`security`)."""
    label = {"main": "Debian", "security": "Debian-Security"}[suite]
    targets = run(["apt-get", "indextargets", "--format", "$(LABEL) $(REPO_URI)", "Created-By: Packages"])
    for line in targets.splitlines():
        found, _, address = line.partition(" ")
        if found == label:
            return address.rstrip("/")
    raise RuntimeError(f"the apt sources of this machine name no mirror with label {label}: run apt-get update first, "
                       "or add Debian's sources")


def apt_options() -> list[str]:
    """Whether the age of the mirror's lists counts is the machine's to say."""
    dump = run(["apt-config", "dump"])
    return [f"-oAcquire::{name}=false" for name in ("Check-Valid-Until", "Check-Date")
            if f'Acquire::{name} "false"' in dump]


class Trees:
    def __init__(self, release: str, folder: Path | None = None):
        if release not in RELEASES:
            raise ValueError(f"{release}: known releases are {', '.join(RELEASES)}")
        self.release = release
        self.folder = (folder or Path(os.environ.get("PEC_HOSTS_DIR", ROOT / "build/hosts"))) / release
        self.archives = self.folder / "archives"
        self.mount_point = self.folder / "mount"  # empty; each enclosure mounts its own there
        for each in (self.archives / "partial", self.mount_point):
            each.mkdir(parents=True, exist_ok=True)

    def layers(self, recipe: Recipe = Recipe()) -> list[Path]:
        with self._lock():
            base = self.folder / "base"
            if not base.exists():
                self._make(base, self._bootstrap)
            if not recipe.packages:
                return [base]
            upper = self.folder / recipe.name
            if not upper.exists():
                self._make(upper, lambda unfinished: self._install(unfinished, base, recipe))
            return [upper, base]

    def download(self, layers: list[Path], packages: list[str], files: Path | None = None) -> None:
        """What a host of these layers lacks for `packages`. A package may be a file in `files`, as ./NAME.deb."""
        more = [f"--bind-ro={files}:/mnt", "--chdir=/mnt"] if files is not None else []
        with self._lock(), Enclosure(private_network=False) as enclosure:
            root = mount_overlay(enclosure, self.mount_point, layers)
            try:
                self._apt(enclosure, root, more, "install", "--download-only", *packages)
            except CommandError as error:
                hint = f"(if the mirror has a package no more, the trees are too old: rm -r {self.folder})"
                raise CommandError(["apt-get", "install"], error.status, f"{error.output}\n{hint}") from error

    @contextlib.contextmanager
    def _lock(self) -> Iterator[None]:
        with open(self.folder / "lock", "w", encoding="ascii") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    @staticmethod
    def _make(tree: Path, maker) -> None:
        unfinished = tree.with_name(tree.name + ".unfinished")
        work = _work_of(unfinished)
        for each in (unfinished, work):
            if each.exists():
                shutil.rmtree(each)
        unfinished.mkdir()
        maker(unfinished)
        if work.exists():
            shutil.rmtree(work)
        unfinished.rename(tree)

    def _bootstrap(self, tree: Path) -> None:
        with Enclosure(private_network=False) as enclosure:
            enclosure.run("debootstrap", "--variant=minbase", f"--cache-dir={self.archives}",
                          f"--include={','.join(BASE)}", self.release, tree, mirror("main"), patience=1800)
            sources = [f"deb {mirror('main')} {self.release} main", f"deb {mirror('main')} {self.release}-updates main",
                       f"deb {mirror('security')} {self.release}-security main"]
            (tree / "etc/apt/sources.list").write_text("\n".join([*sources, ""]))
            self._apt(enclosure, tree, [], "update")
            self._apt(enclosure, tree, [], "dist-upgrade")

    def _install(self, upper: Path, base: Path, recipe: Recipe) -> None:
        with Enclosure(private_network=False) as enclosure:
            root = mount_overlay(enclosure, self.mount_point, [base], upper)
            if recipe.answers:
                enclosure.run(*enclosure.nspawn(root, "debconf-set-selections"), stdin=recipe.answers)
            self._apt(enclosure, root, [], "install", *recipe.packages)
            if recipe.build_depends:
                self._apt(enclosure, root, [], "satisfy", recipe.build_depends)

    def _apt(self, enclosure: Enclosure, root: Path, more: list[str], *arguments) -> None:
        policy = enclosure.path(root) / "usr/sbin/policy-rc.d"
        policy.write_text(NO_SERVICES)
        policy.chmod(0o755)
        try:
            enclosure.run(*enclosure.nspawn(
                root, "--resolv-conf=bind-host", "--suppress-sync=yes", f"--bind={self.archives}:{ARCHIVES}", *more,
                "--setenv=DEBIAN_FRONTEND=noninteractive", "apt-get", "-qy", "--no-install-recommends", *apt_options(),
                *arguments), patience=1800)
        finally:
            policy.unlink()


def _work_of(upper: Path) -> Path:
    """overlayfs needs a folder on the same file system."""
    return upper.with_name(upper.name + ".work")


def mount_overlay(enclosure: Enclosure, mount_point: Path, layers: list[Path], upper: Path | None = None) -> Path:
    """The layers as one tree, whose changes go to `upper`, or into memory and away with the enclosure."""
    enclosure.run("mount", "-t", "tmpfs", "-o", "mode=0755", "tmpfs", mount_point)
    root = mount_point / "root"
    upper = upper or mount_point / "upper"
    enclosure.run("mkdir", "-p", root, upper, _work_of(upper))
    enclosure.run("mount", "-t", "overlay", "-o",
                  f"lowerdir={':'.join(map(str, layers))},upperdir={upper},workdir={_work_of(upper)}", "overlay", root)
    return root
