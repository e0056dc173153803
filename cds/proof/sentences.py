"""Sentences of findings as formulas; a form that is not here is free (see ``cds.proof.patient``)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

import z3

from cds.facts.unread import AS_THEY_ARE, GOALS, OBSERVATIONS, PATIENT, VALUES, parts_of
from cds.proof import comparisons, courses
from cds.proof.courses import recorded
from cds.proof.rails import FALSE, Bool, Rails, disjunction, two_valued
from cds.proof.values import AnyPatient
from cds.rulebook import sentences as say
from cds.rulebook.model import is_sex


def state_of(patient: AnyPatient, name: str, sentence: object) -> Rails:
    """The state of a finding that is a sentence."""
    work_out = SENTENCES.get(type(sentence))
    return patient.free_state(f"finding {name}") if work_out is None else work_out(patient, name, sentence)


def not_read(patient: AnyPatient, sentence: object, found: Rails) -> Rails:
    """The state where the part of the record that it rests on was perhaps not read (see ``cds.facts.unread``)."""
    if isinstance(sentence, AS_THEY_ARE):
        return found
    if isinstance(sentence, say.NoneRecorded):
        nothing_present = z3.Not(z3.Or([patient.state(other).sure for other in sentence.findings]))
        unread = z3.Or(list(patient.unread.values()))
        return Rails(z3.And(found.sure, z3.Not(unread)), z3.Or(found.maybe, z3.And(unread, nothing_present)))
    terms = () if isinstance(sentence, say.ResultUnused) else say.sentence_terms(cast(say.Sentence, sentence))
    parts = frozenset[str]().union(*(parts_of(patient.book, term) for term in terms)) if terms else {OBSERVATIONS}
    if isinstance(sentence, VALUES):
        parts &= {GOALS, PATIENT}
    doubtful = disjunction(patient.unread[part] for part in sorted(parts))
    sure = z3.And(found.sure, z3.Not(doubtful)) if isinstance(sentence, (*VALUES, say.After)) else found.sure
    return Rails(sure, z3.Or(found.maybe, doubtful))


def _taken_from(patient: AnyPatient, _: str, sentence: say.TakenFrom) -> Rails:
    value = patient.value(sentence.term)
    return two_valued(z3.And(value.known, value.taken.get(sentence.of, FALSE)))


def _missing(patient: AnyPatient, _: str, sentence: say.Missing) -> Rails:
    return two_valued(z3.Not(patient.value(sentence.term).known))


def _known(patient: AnyPatient, _: str, sentence: say.Known) -> Rails:
    return two_valued(patient.value(sentence.term).known)


def _recorded(patient: AnyPatient, _: str, sentence: say.Recorded) -> Rails:
    return recorded(patient, sentence.term)


def _none_recorded(patient: AnyPatient, name: str, sentence: say.NoneRecorded) -> Rails:
    """Absent where a result of one of the findings was not used, unknown where something was not recognised."""
    lost, unclear = (patient.variables.boolean(f"finding {name}", part) for part in ("lost", "not recognised"))
    unused = [n for n, f in patient.book.findings.items() if isinstance(f.definition, say.ResultUnused)]
    patient.plain += [lost == disjunction(patient.state(n).sure for n in unused), z3.Not(unclear)]
    clear = z3.And(z3.Not(lost), *(_clear(patient, other) for other in sentence.findings))
    return Rails(z3.And(clear, z3.Not(unclear)), clear)


def _clear(patient: AnyPatient, name: str) -> Bool:
    state, definition = patient.state(name), patient.book.findings[name].definition
    if not isinstance(definition, (say.Compared, say.OutsideLimits)):
        return z3.Not(state.maybe)
    nothing = z3.Not(patient.value(definition.term).known)
    return z3.Or(z3.Not(state.maybe), z3.And(z3.Not(state.sure), nothing))


def _result_unused(patient: AnyPatient, name: str, _: say.ResultUnused) -> Rails:
    return two_valued(patient.variables.boolean(f"finding {name}"))


def _depends_on(patient: AnyPatient, name: str, sentence: say.DependsOn) -> Rails:
    """Free while one of the terms is open: an interval, or a sex that is not known."""
    differs = patient.variables.boolean(f"finding {name}")
    values = [(term, patient.value(term)) for term in sentence.open_terms]
    sexes = {term for term, _ in values if is_sex(patient.book.terms[term])}
    is_open = [z3.Not(v.known) if term in sexes else z3.And(v.known, z3.Not(v.is_point)) for term, v in values]
    patient.laws.append(z3.Implies(differs, z3.Or(is_open)))
    return two_valued(differs)


def _changed_by(patient: AnyPatient, name: str, sentence: say.ChangedBy) -> Rails:
    differs = patient.variables.boolean(f"finding {name}")
    known = z3.And(patient.value(sentence.term).known, patient.value(sentence.by).known)
    patient.laws.append(z3.Implies(differs, known))
    return two_valued(differs)


SENTENCES: dict[type, Callable[[AnyPatient, str, Any], Rails]] = {
    say.Compared: comparisons.compared_with,
    say.SomeResult: comparisons.some_result,
    say.Dated: comparisons.dated,
    say.Twice: comparisons.twice,
    say.Repeated: comparisons.repeated,
    say.OutsideLimits: comparisons.outside_limits,
    say.Conflicting: comparisons.conflicting,
    say.TakenFrom: _taken_from,
    say.Missing: _missing,
    say.Known: _known,
    say.Recorded: _recorded,
    say.After: courses.after,
    say.Given: courses.given,
    say.DoseDateUnknown: courses.dose_date_unknown,
    say.Started: courses.started,
    say.Lasted: courses.lasted,
    say.OpenEnded: courses.open_ended,
    say.NoneRecorded: _none_recorded,
    say.ResultUnused: _result_unused,
    say.DependsOn: _depends_on,
    say.ChangedBy: _changed_by,
}
