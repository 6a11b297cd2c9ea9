# SPDX-License-Identifier: GPL-2.0-or-later
"""The version that a build gets: common/base/version.cmake, run as each build runs it. Needs no build."""

import re
import subprocess
import tempfile
import unittest
from pathlib import Path

SCRIPT = Path(__file__).resolve().parents[1] / "common" / "base" / "version.cmake"


class Version(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="pec-")
        self.addCleanup(folder.cleanup)
        self.tree = Path(folder.name) / "tree"
        self.tree.mkdir()
        self.output = Path(folder.name) / "output"

    def version(self, tree: Path, given: str = "") -> str:
        subprocess.run(["cmake", f"-DGIVEN={given}", "-DPROJECT=1.2.3", f"-DSOURCE={tree}", f"-DOUTPUT={self.output}",
                        "-P", SCRIPT], check=True, timeout=60)
        return re.search(r'return "(.*)";', self.output.read_text())[1]

    def git(self, *arguments: str) -> str:
        who = ["-c", "user.name=A", "-c", "user.email=a@alfa.example"]
        return subprocess.run(["git", "-C", self.tree, *who, *arguments], check=True, timeout=60,
                              stdout=subprocess.PIPE, text=True).stdout.strip()

    def commit(self) -> str:
        (self.tree / "file").write_text("1\n")
        self.git("init", "-q")
        self.git("add", "file")
        self.git("commit", "-q", "-m", "One")
        return self.git("rev-parse", "HEAD")[:12]

    def test_a_tree_without_git_has_the_version_of_the_project(self):
        self.assertEqual(self.version(self.tree), "1.2.3")

    def test_a_git_tree_adds_its_commit_and_whether_it_was_changed(self):
        commit = self.commit()
        self.assertEqual(self.version(self.tree), f"1.2.3+{commit}")
        (self.tree / "file").write_text("2\n")
        self.assertEqual(self.version(self.tree), f"1.2.3+{commit}-dirty")

    def test_a_tree_inside_a_foreign_git_tree_is_not_described_by_that_one(self):
        self.commit()
        inside = self.tree / "unpacked"
        inside.mkdir()
        self.assertEqual(self.version(inside), "1.2.3")

    def test_the_packager_has_the_last_word(self):
        self.commit()
        self.assertEqual(self.version(self.tree, "1.2.3-1"), "1.2.3-1")

    def test_the_file_is_written_only_if_the_version_has_changed(self):
        self.version(self.tree)
        before = self.output.stat().st_mtime_ns
        self.version(self.tree)
        self.assertEqual(self.output.stat().st_mtime_ns, before)
        self.assertEqual(self.version(self.tree, "2"), "2")


if __name__ == "__main__":
    unittest.main()
