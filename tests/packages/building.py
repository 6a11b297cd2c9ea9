# SPDX-License-Identifier: GPL-2.0-or-later
"""The Debian packages of this tree, built in a clean chroot, by default below build/packages.

    folder = up_to_date(Trees("bookworm"))      # builds them if they are not of this tree
    for package in packages_in(folder): ...

What is built is the tree as git knows it, with changes that are not committed yet. The chroot has what debian/control
names, and ccache. The build has no network.
"""

import filecmp
import os
import re
import shutil
import subprocess
from pathlib import Path

from enclosure import CommandError, Enclosure, run
from steps import step
from trees import ROOT, Recipe, Trees, mount_overlay

PACKAGES = ROOT / "build/packages"  # a folder for each release
BUILT_FROM = "built-from"  # file: what of the git tree the packages were made of
CCACHE = ROOT / "build/ccache"
BUILDER = "builder"  # a user of the chroot
# The second build has another folder, time zone, language and mask of modes; its sources have another time, and nothing
# of it comes from ccache. (CCACHE_BASEDIR must not be set for the first one: the compiler would be given relative
# paths, and debugging symbols would have them.)
FIRST = {"folder": "build/first", "umask": "022",
         "env": {"TZ": "UTC", "LC_ALL": "C.UTF-8", "CCACHE_DIR": "/ccache"}}
SECOND = {"folder": "var/tmp/the/second", "umask": "002",
          "env": {"TZ": "Pacific/Chatham", "LC_ALL": "C", "CCACHE_DISABLE": "1"}}


def up_to_date(trees: Trees) -> Path:
    """The folder with packages of this tree; or PEC_PACKAGES_DIR, so that a row of tests has the same ones while
    somebody edits the tree."""
    if given := os.environ.get("PEC_PACKAGES_DIR"):
        return Path(given)
    output = PACKAGES / trees.release
    built_from = output / BUILT_FROM
    if not built_from.exists() or built_from.read_text() != built_part(tree_id()):
        build_once(trees)
    return output


def build_once(trees: Trees, how: dict = FIRST, tree: str | None = None) -> Path:
    """Builds them now, of this tree or of a git tree; the folder that they are in. The second build's is below the
    first one's."""
    output = PACKAGES / trees.release if how is FIRST else PACKAGES / trees.release / "again"
    recipe = Recipe(("build-essential", "fakeroot", "ccache"), build_depends=build_depends())
    layers = step("a chroot with what the build needs", lambda: trees.layers(recipe))
    step(f"packages built in /{how['folder']}", lambda: build(trees, layers, how, output, tree or tree_id()))
    for path in packages_in(output):
        print(f"                    {path}: {path.stat().st_size:,} bytes")
    return output


def packages_in(output: Path) -> list[Path]:
    """Without those of debugging symbols."""
    return sorted(path for path in output.glob("*.deb") if "-dbgsym_" not in path.name)


def tree_id() -> str:
    with_changes = run(["git", "-C", ROOT, "stash", "create"]).strip() or "HEAD"
    return run(["git", "-C", ROOT, "rev-parse", with_changes + "^{tree}"]).strip()


def built_part(tree: str) -> str:
    """What the binary packages are made of: they stay the same when a test or a script changes."""
    entries = run(["git", "-C", ROOT, "ls-tree", tree]).splitlines()
    return "".join(f"{entry}\n" for entry in entries if entry.partition("\t")[2] not in ("tests", "scripts"))


def build_depends() -> str:
    """The field of debian/control, on one line."""
    [field] = re.findall(r"^Build-Depends:((?:.*\n)(?: .*\n)*)", (ROOT / "debian/control").read_text(), re.MULTILINE)
    return " ".join(field.split()).rstrip(",")


def build(trees: Trees, layers: list[Path], how: dict, output: Path, tree: str) -> None:
    CCACHE.mkdir(parents=True, exist_ok=True)
    with Enclosure() as enclosure:
        root = mount_overlay(enclosure, trees.mount_point, layers)
        outside = enclosure.path(root)
        source = outside / how["folder"] / "pec-suite"
        source.mkdir(parents=True)
        unpack(tree, source)
        enclosure.run("chroot", root, "useradd", "--create-home", BUILDER)
        enclosure.run("chroot", root, "chown", "-R", BUILDER, f"/{how['folder']}")
        uid = enclosure.run("chroot", root, "id", "-u", BUILDER).strip()
        run(["chown", "-R", uid, CCACHE])
        settings = [f"--setenv={name}={value}" for name, value in how["env"].items()]
        # The enclosure has no network: a build that wants one fails.
        command = enclosure.nspawn(
            root, f"--user={BUILDER}", f"--chdir=/{how['folder']}/pec-suite", f"--bind={CCACHE}:/ccache", *settings,
            f"--setenv=DEB_BUILD_OPTIONS=parallel={os.cpu_count()}", "sh", "-c",
            f"umask {how['umask']} && dpkg-buildpackage --unsigned-source --unsigned-changes")
        try:
            enclosure.run(*command, patience=5400)
        except CommandError as error:
            end = "\n".join(error.output.splitlines()[-30:])
            raise CommandError(["dpkg-buildpackage"], error.status, end) from error
        if output.exists():
            shutil.rmtree(output)
        output.mkdir(parents=True)
        for path in (outside / how["folder"]).iterdir():
            if path.is_file():
                shutil.copyfile(path, output / path.name)
        (output / BUILT_FROM).write_text(built_part(tree))


def unpack(tree: str, folder: Path) -> None:
    """The files have the time of now: that of a git tree is none."""
    with subprocess.Popen(["git", "-C", ROOT, "archive", "--format=tar", tree], stdout=subprocess.PIPE) as archive:
        subprocess.run(["tar", "-x", "-C", folder], stdin=archive.stdout, check=True)
    if archive.returncode != 0:
        raise CommandError(["git", "archive", tree], archive.returncode, "")


def differences(one: Path, other: Path) -> list[str]:
    """The names of the files that differ. Left out are those that name the time and the machine of the build."""
    names = {path.name for folder in (one, other) for path in folder.iterdir() if path.is_file()}
    names = [name for name in names if not name.endswith((".buildinfo", ".changes"))]
    _, different, missing = filecmp.cmpfiles(one, other, names, shallow=False)
    return sorted(different + missing)


def lint(trees: Trees, output: Path) -> str:
    """What lintian says for information; a CommandError if there is more. debian/*.lintian-overrides have reasons."""
    layers = trees.layers(Recipe(("lintian",)))
    with Enclosure() as enclosure:
        root = mount_overlay(enclosure, trees.mount_point, layers)
        return enclosure.run(*enclosure.nspawn(
            root, f"--bind-ro={output}:/mnt", "sh", "-c",
            "lintian --allow-root --pedantic --display-info --fail-on error,warning,pedantic /mnt/*.changes"),
            patience=1800)
