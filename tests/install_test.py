# SPDX-License-Identifier: GPL-2.0-or-later
"""`cmake --install` of the build, into a folder of its own: what there must be, with which rights, and nothing else.
What the tree has and install.cmake has forgotten is missing here. Needs a build; any user."""

import os
import re
import stat
import subprocess
import tempfile
import unittest
from pathlib import Path

from support.paths import BUILD_DIR, ROOT

PROGRAMS = {"pec-milter", "pec-policyd", "pec-scanner", "pecctl"}
PLUGINS = {"lib20_pec_limits_plugin.so", "lib99_pec_plugin.so"}
# Under their names in the tree: pecctl setup reads the first three, and certbot is led to the last one.
AS_THEY_ARE = ("postfix-conf", "dovecot-conf", "texts", "hooks")
# Documents for readers of the source.
NOT_INSTALLED = {"tour.md"}


def cached(name: str) -> str:
    return re.search(rf"(?m)^{name}:\w+=(.*)$", (BUILD_DIR / "CMakeCache.txt").read_text())[1]


def files_below(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*")
            if path.is_file() and "__pycache__" not in path.parts}


def output_of(*command) -> str:
    return subprocess.run(command, check=True, timeout=60, stdout=subprocess.PIPE, text=True).stdout


class Install(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory(prefix="pec-")
        cls.addClassCleanup(folder.cleanup)
        cls.destination = Path(folder.name) / "root"
        subprocess.run(["cmake", "--install", BUILD_DIR], check=True, timeout=120, stdout=subprocess.DEVNULL,
                       env=os.environ | {"DESTDIR": str(cls.destination)}, umask=0o022)
        prefix = cached("CMAKE_INSTALL_PREFIX")
        cls.prefix = cls.destination / prefix.lstrip("/")
        cls.sbin = f"{prefix}/sbin"
        cls.modules = Path(cached("DOVECOT_MODULE_DIR"))
        cls.data = cls.prefix / "share" / "pec-suite"
        cls.doc = cls.prefix / "share" / "doc" / "pec-suite"
        cls.units = cls.prefix / "lib" / "systemd" / "system"

    def in_modules(self) -> Path:
        return self.destination / str(self.modules).lstrip("/")

    def expected(self) -> set[Path]:
        """Everything, from what the tree has."""
        files = {self.prefix / "sbin" / name for name in PROGRAMS}
        files |= {self.in_modules() / name for name in PLUGINS}
        for folder in AS_THEY_ARE:
            files |= {self.data / folder / name for name in files_below(ROOT / folder) - {"README.md"}}
        files |= {self.data / "openldap" / name for name in files_below(ROOT / "openldap") - {"README.md"}}
        files |= {self.doc / "examples" / "fail2ban" / name for name in files_below(ROOT / "fail2ban")}
        files |= {self.place_of(name) for name in files_below(ROOT / "systemd")}
        files |= {self.prefix / "share/man" / f"man{page.suffix[1:]}" / page.name
                  for page in (BUILD_DIR / "documents").glob("*.[0-9]")}
        files |= {self.doc / page.name for page in (ROOT / "docs").glob("*.md") if page.name not in NOT_INSTALLED}
        files |= {self.doc / folder / "README.md" for folder in ("postfix-conf", "dovecot-conf", "openldap", "texts")}
        return files | {self.doc / "pec.toml.sample", self.prefix / "share/bash-completion/completions/pecctl"}

    def place_of(self, name: str) -> Path:
        """Of a file in systemd/."""
        folder = name.partition("/")[0]
        if folder in ("sysusers.d", "tmpfiles.d"):
            return self.prefix / "lib" / name
        return (self.doc if folder == "examples" else self.units) / name

    def installed(self) -> list[Path]:
        return [path for path in self.destination.rglob("*") if path.is_file()]

    def test_all_that_is_expected_and_nothing_else(self):
        self.assertEqual(sorted(map(str, self.expected())), sorted(map(str, self.installed())))
        self.assertGreater(len(self.expected()), 70)

    def test_nothing_of_the_tests_and_no_library_to_link(self):
        for path in self.installed():
            self.assertNotRegex(str(path.relative_to(self.destination)),
                                r"(?<!self)test|fuzz|bench|\.a$|\.hpp$|\.h$|\.py$")

    def test_everybody_may_read_and_nobody_else_write(self):
        for path in self.destination.rglob("*"):
            may_run = path.is_dir() or path.parent in (self.prefix / "sbin", self.data / "hooks")
            self.assertEqual(oct(stat.S_IMODE(path.stat().st_mode)), oct(0o755 if may_run else 0o644), path)

    def test_each_program_says_its_version(self):
        versions = set()
        for name in PROGRAMS:
            said = output_of(self.prefix / "sbin" / name, "--version")
            self.assertRegex(said, rf"\A{name} \S+\n\Z")
            versions.add(said.split()[1])
        self.assertEqual(len(versions), 1)
        project = re.search(r"project\(pec-suite VERSION (\S+)", (ROOT / "CMakeLists.txt").read_text())[1]
        given = cached("PEC_VERSION")
        self.assertRegex(versions.pop(), rf"^{re.escape(given)}$" if given else rf"^{re.escape(project)}(\+[\w.-]+)?$")

    def test_no_program_says_where_to_look_for_libraries(self):
        for path in [*(self.prefix / "sbin").iterdir(), *self.in_modules().iterdir()]:
            self.assertNotRegex(output_of("readelf", "-d", path), r"RPATH|RUNPATH", path)

    def test_units_start_programs_that_are_installed(self):
        started = 0
        for unit in self.units.glob("*.service"):
            for program in re.findall(r"(?m)^ExecStart=(\S*/pec\S*)", unit.read_text()):
                started += 1
                self.assertEqual(program.rpartition("/")[0], self.sbin, unit)
                self.assertIn(program.rpartition("/")[2], PROGRAMS, unit)
        self.assertGreater(started, 4)

    def test_files_are_those_of_the_tree(self):
        """But for units, which name the programs where they are."""
        for folder in AS_THEY_ARE:
            for name in files_below(ROOT / folder) - {"README.md"}:
                self.assertEqual((self.data / folder / name).read_bytes(), (ROOT / folder / name).read_bytes(), name)
        for name in files_below(ROOT / "systemd"):
            there = re.sub(rf"{re.escape(self.sbin)}(?=/pec)", "/usr/sbin", self.place_of(name).read_text())
            self.assertEqual(there, re.sub(r"/usr/s?bin(?=/pec)", "/usr/sbin", (ROOT / "systemd" / name).read_text()))

    def test_the_sample_is_what_pecctl_prints(self):
        self.assertEqual((self.doc / "pec.toml.sample").read_text(),
                         output_of(self.prefix / "sbin" / "pecctl", "config", "sample"))

    def test_the_way_in_names_what_is_installed(self):
        """pec-suite(7)."""
        page = (self.prefix / "share/man/man7/pec-suite.7").read_text()
        named = re.findall(rf"(?m)^\.I ({re.escape(cached('CMAKE_INSTALL_PREFIX'))}/\S+)$", page)
        self.assertGreater(len(named), 7)
        for path in named + re.findall(r"(?m)^\.I (\S+\.so)$", page):
            there = self.destination / path[1:] if path.startswith("/") else self.in_modules() / path
            self.assertTrue(there.exists(), path)

    def test_links_in_documents_lead_somewhere(self):
        for page in self.doc.rglob("*.md"):
            for target in re.findall(r"\]\(([^)#]+)", page.read_text()):
                if "://" not in target:
                    self.assertTrue((page.parent / target).is_file(), f"{page.name} leads to {target}")


if __name__ == "__main__":
    unittest.main(verbosity=2)
