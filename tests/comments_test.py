# SPDX-License-Identifier: GPL-2.0-or-later
"""What comments and documents name exists: files, and functions of ours that are written `name()`. Each source
file says its licence."""

import re
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
FOLDERS = ("common", "milter", "policyd", "scanner", "pecctl", "dovecot-plugin", "tests", "scripts", "docs",
           "postfix-conf", "dovecot-conf", "systemd", "openldap", "texts", "hooks", "fail2ban")
CODE = (".cpp", ".hpp", ".c", ".h")
TEXTS = (".md", ".cf", ".conf", ".ext", ".py")
FILE = re.compile(r"(?<![\w.*-])((?:[\w-]+/)*[\w-]+\.(?:hpp|cpp|c|py|md))\b(?!\.)")
FUNCTION = re.compile(r"(?<![\w.:>-])((?:\w+::)*[a-z]\w*_\w*)\(\)")
PLACEHOLDERS = {"NAME_fuzz.cpp", "_test.py", "_fuzz.cpp", "_test.cpp", "X_test.py", "f.cpp"}


def texts():
    """Each file with what is to be read in it: comments of code, all of a document."""
    files = [path for folder in FOLDERS for path in sorted((ROOT / folder).rglob("*")) if path.is_file()]
    for path in [*files, *ROOT.glob("*.md")]:
        if "__pycache__" in path.parts or path.suffix not in CODE + TEXTS:
            continue
        text = path.read_text(errors="replace")
        if path.suffix in CODE:
            text = "\n".join(re.findall(r"//(.*)", text))
        yield path, text


class Comments(unittest.TestCase):
    def test_each_file_that_is_named_exists(self):
        files = {str(path.relative_to(ROOT)) for folder in FOLDERS for path in (ROOT / folder).rglob("*")}
        files |= {path.name for path in ROOT.iterdir()}
        ends = {"/".join(parts[at:]) for parts in (file.split("/") for file in files) for at in range(len(parts))}
        for path, text in texts():
            for name in FILE.findall(text):
                if name.split("/")[-1] not in PLACEHOLDERS:
                    self.assertTrue(name in ends, f"{path.relative_to(ROOT)} names {name}")

    def test_each_function_that_is_named_exists(self):
        called = set()
        for folder in FOLDERS:
            for path in (ROOT / folder).rglob("*"):
                if path.suffix in (*CODE, ".py"):
                    code = re.sub(r"//.*", "", path.read_text(errors="replace"))
                    called |= set(re.findall(r"\b(\w+)\(", code))
        for path, text in texts():
            for name in FUNCTION.findall(text) if path.suffix != ".py" else ():
                self.assertTrue(name.split("::")[-1] in called, f"{path.relative_to(ROOT)} names {name}()")

    def test_each_source_file_says_its_licence(self):
        """In the first line, or the one after `#!`."""
        sources = [path for folder in FOLDERS for path in (ROOT / folder).rglob("*") if path.is_file()]
        sources = [path for path in sources if path.suffix in (*CODE, ".py") or path.name == "CMakeLists.txt" or
                   path.parent == ROOT / "scripts"]
        self.assertGreater(len(sources), 700)
        for path in sources:
            beginning = path.read_text(errors="replace").split("\n")[:2]
            self.assertTrue(any("SPDX-License-Identifier: GPL-2.0-or-later" in line for line in beginning), path)

    def test_the_stops_of_the_tour_are_where_it_says(self):
        tour = (ROOT / "docs/tour.md").read_text()
        self.assertEqual(len(re.findall(r"^\d+\. ", tour, re.MULTILINE)), 12)
        stops = re.findall(r"`(?:\w+::)*(\w+)\(\)`\s+(?:of\s+\S+\s+)?in\s+`([^`]+)`", tour)
        self.assertGreater(len(stops), 12)
        for function, file in stops:
            self.assertRegex((ROOT / file).read_text(), rf"(?m)^\S.*\b{function}\(", f"{function}() in {file}")


if __name__ == "__main__":
    unittest.main()
