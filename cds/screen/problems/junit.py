"""Problems as JUnit XML, which test reports of CI servers read: one test for each rule file."""

from __future__ import annotations

from xml.etree.ElementTree import Element, SubElement, indent, tostring

from cds.errors import Problem
from cds.screen.problems.report import Report


def junit(report: Report) -> str:
    """One suite; a file fails with all its problems. Warnings, notes and the summary are the suite's output."""
    tests = _tests(report)
    counts = {"tests": str(len(tests)), "failures": str(sum(map(bool, tests.values()))), "errors": "0"}
    root = Element("testsuites", {"name": report.title, **counts})
    suite = SubElement(root, "testsuite", {"name": report.title, **counts, "skipped": "0"})
    for name, problems in tests.items():
        _add_test(suite, name, problems, report.title)
    remarks = [f"{level}: {problem}" for level, problem in report.found if level != "error"]
    SubElement(suite, "system-out").text = _clean("\n".join((*remarks, *report.lines)))
    indent(root)
    return f"<?xml version='1.0' encoding='UTF-8'?>\n{tostring(root, encoding='unicode')}\n"


def _tests(report: Report) -> dict[str, list[Problem]]:
    """The problems of each file, by its place; of each property where these were looked at."""
    if report.properties:
        return {name: [item for item in report.problems if item.place == name] for name in report.properties}
    names = dict.fromkeys([*report.sources.files(), *(problem.file for problem in report.problems)])
    return {
        report.sources.path(name): [problem for problem in report.problems if problem.file == name] for name in names
    }


def _add_test(suite: Element, name: str, problems: list[Problem], title: str) -> None:
    test = SubElement(suite, "testcase", classname=title.replace(" ", "."), name=_clean(name))
    if problems:
        first = f"{problems[0].place}: {problems[0].what}"
        failure = SubElement(test, "failure", type=problems[0].code, message=_clean(first))
        failure.text = _clean("\n".join(map(str, problems)))


def _clean(text: str) -> str:
    """The text without the characters that XML cannot hold."""
    return "".join(char if char in "\n\t" or char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in text)
