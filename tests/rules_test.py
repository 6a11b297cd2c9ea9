#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""docs/rules.md names only what there is, and all that must be there. What the other documents say of tests
exists, too."""

import ast
import pathlib
import re
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent
FOLDERS = ("common", "milter", "policyd", "dovecot-plugin", "pecctl", "postfix-conf", "dovecot-conf", "tests")
TEST_CASE = re.compile(r'TEST_CASE(?:_METHOD)?\(\s*(?:\w+,\s*)?((?:"(?:[^"\\]|\\.)*"\s*)+)')
LITERAL = re.compile(r'"((?:[^"\\]|\\.)*)"')


class Row:
    def __init__(self, line: str):
        self.line = line
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        self.rule, self.what, self.code, self.unit, self.integration = cells

    @property
    def not_yet(self) -> bool:
        return self.code == "not yet"

    def names(self) -> list[tuple[str, str]]:
        """Everything in code spans: file and thing."""
        return names_in(self.code + self.unit + self.integration)


def names_in(text: str) -> list[tuple[str, str]]:
    return [tuple(span.split(": ", 1)) for span in re.findall(r"`([^`]*)`", text)]


def rows() -> list[Row]:
    text = (ROOT / "docs" / "rules.md").read_text(encoding="utf-8")
    return [Row(line) for line in text.splitlines()
            if line.startswith("|") and not line.startswith(("|---", "| rule |"))]


def files_named(name: str) -> list[pathlib.Path]:
    return [path for folder in FOLDERS for path in (ROOT / folder).rglob(name)]


def test_cases(path: pathlib.Path) -> set[str]:
    """The titles of a Catch2 file; the formatter may have cut them in pieces."""
    return {"".join(LITERAL.findall(found)) for found in TEST_CASE.findall(path.read_text())}


def test_methods(path: pathlib.Path) -> set[str]:
    tree = ast.parse(path.read_text())
    return {f"{node.name}.{method.name}" for node in tree.body if isinstance(node, ast.ClassDef)
            for method in node.body if isinstance(method, ast.FunctionDef)}


def holds(path: pathlib.Path, thing: str) -> bool:
    if path.name.endswith("_test.cpp"):
        return thing in test_cases(path)
    if path.name.endswith("_test.py"):
        return thing in test_methods(path)
    return re.search(rf"\b{re.escape(thing)}\b", path.read_text()) is not None


def enumerators(file: str, name: str) -> list[str]:
    body = re.search(rf"enum class {name} {{(.*?)}};", (ROOT / file).read_text(), re.DOTALL)[1]
    return re.findall(r"^\s*(\w+)", re.sub(r"//.*", "", body).replace(",", "\n"), re.MULTILINE)


class Rules(unittest.TestCase):
    def test_each_row_names_what_exists(self):
        self.assertGreater(len(rows()), 60)
        for row in rows():
            for file, thing in row.names():
                self.assert_exists(file, thing, row.line)

    def assert_exists(self, file: str, thing: str, line: str) -> None:
        with self.subTest(f"{file}: {thing}"):
            found = files_named(file)
            self.assertTrue(found, f"no file {file}")
            self.assertTrue(any(holds(path, thing) for path in found), line)

    def test_each_attack_is_tried_by_a_test_that_exists(self):
        lines = (ROOT / "docs" / "security.md").read_text(encoding="utf-8").splitlines()
        begin = next(number for number, line in enumerate(lines) if line.startswith("| what is tried"))
        attacks = [line for line in lines[begin + 2:] if line.startswith("|")]
        self.assertGreater(len(attacks), 20)
        for line in attacks:
            named = names_in(line.rstrip("| ").rpartition("|")[2])
            self.assertTrue(named, line)
            for file, thing in named:
                self.assert_exists(file, thing, line)

    def test_each_row_has_code_and_a_test_or_says_not_yet(self):
        for row in rows():
            with self.subTest(row.what):
                self.assertTrue(row.rule and row.what)
                self.assertEqual(row.not_yet, not (row.unit or row.integration))
                self.assertEqual(row.not_yet, not row.names())

    def test_each_rule_that_a_test_cites_is_here(self):
        known = {number for row in rows() for number in re.findall(r"\d+(?:\.\d+)*", row.rule)}
        headings = re.findall(r"(?m)^## (.*)$", (ROOT / "docs" / "rules.md").read_text())
        known |= {number for line in headings for number in re.findall(r"\d+(?:\.\d+)*", line)}
        cited = {number for path in (ROOT / "tests" / "unit").rglob("*.cpp")
                 for number in re.findall(r"\[rule:([\d.]+)\]", path.read_text())}
        self.assertGreater(len(cited), 20)
        self.assertEqual(cited - known, set())

    def test_each_check_finding_and_text_is_here(self):
        """What is added to the code has its row."""
        named = {thing for row in rows() for _, thing in row.names()}
        checks = re.findall(r"\bFormalCheck (check_\w+)\(",
                            (ROOT / "common/pec/formal_checks.hpp").read_text())
        flaws = enumerators("common/pec/findings.hpp", "IncomingFlaw")
        letters = enumerators("common/pec/texts.hpp", "Letter")
        self.assertGreater(min(len(checks), len(flaws), len(letters)), 5)
        self.assertEqual({*checks, *flaws, *letters} - {"none"} - named, set())


if __name__ == "__main__":
    unittest.main()
