# SPDX-License-Identifier: GPL-2.0-or-later
"""Where a fault of one line can be planted in a source file, and what the line becomes.

    for fault in faults_in("common/pec/dispatch.cpp", text):
        fault.line, fault.before, fault.after, fault.kind

Only code is changed: what stands in comments, texts and preprocessor lines is left as it is. A line that has
several places has a fault for each.
"""

import re
from dataclasses import dataclass

# What looks like an operator and has blanks on both sides is one: templates have none.
SWAPS = [(" == ", " != "), (" != ", " == "), (" < ", " <= "), (" <= ", " < "), (" > ", " >= "), (" >= ", " > "),
         (" && ", " || "), (" || ", " && "), (" + ", " - "), (" - ", " + "), (" += ", " -= "), (" -= ", " += ")]
PATTERNS = [
    ("value", re.compile(r"\btrue\b"), "false"),
    ("value", re.compile(r"\bfalse\b"), "true"),
    ("number", re.compile(r"(?<![\w.'\"\[<])([012])(?![\w.'\"\]>])"), lambda match: str(int(match[1]) + 1)),
    ("condition", re.compile(r"\bif \(!"), "if ("),
    ("condition", re.compile(r"\bif \((?=[\w*])(?!const |auto |constexpr )(?=[^;&|<>=]*\))"), "if (!"),
    ("jump", re.compile(r"\bcontinue;"), ";"),
    ("call", re.compile(r"^(\s+)[\w:]+(?:(?:\.|->)\w+)*\([^;{}]*\);$"), r"\1;"),
    ("assignment", re.compile(r"^(\s+)[\w.\->]+ = [^;{}]+;$"), r"\1;"),
]
DECLARATION = re.compile(r"^\s*(static_assert|using |namespace |template |(inline |static )*const(expr)? |auto )")


@dataclass(frozen=True)
class Fault:
    path: str
    line: int  # from 1
    before: str
    after: str
    kind: str

    @property
    def name(self) -> str:
        return f"{self.path}:{self.line}: {self.before.strip()}  ->  {self.after.strip()}"


def faults_in(path: str, text: str) -> list[Fault]:
    faults = []
    for number, (line, code) in enumerate(zip(text.split("\n"), _code_of(text).split("\n")), start=1):
        for kind, after in _changes_of(line, code):
            if after != line:
                faults.append(Fault(path, number, line, after, kind))
    return faults


def _changes_of(line: str, code: str):
    for operator, other in SWAPS:
        at = code.find(operator)
        while at >= 0:
            yield "operator", line[:at] + other + line[at + len(operator):]
            at = code.find(operator, at + 1)
    for kind, pattern, replacement in PATTERNS:
        if kind in ("number", "call", "assignment") and DECLARATION.match(code):
            continue
        for match in pattern.finditer(code):
            new = replacement(match) if callable(replacement) else match.expand(replacement)
            yield kind, line[:match.start()] + new + line[match.end():]


def _code_of(text: str) -> str:
    """The text with blanks in the place of comments, literals and preprocessor lines."""
    token = re.compile(r"//[^\n]*|/\*.*?\*/|^[ \t]*#[^\n]*"
                       r"|R\"\((?:.|\n)*?\)\"|\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])'",
                       re.DOTALL | re.MULTILINE)
    return token.sub(lambda match: re.sub(r"[^\n]", " ", match[0]), text)
