"""Clinical decision support for calcium supplements: FHIR R4 data in, CDS Hooks cards out, each with its proof."""

from cds.bookshelf import open_rulebook
from cds.cards.card import cards_of
from cds.errors import CdsError, DisagreementError, EngineError, RecordError, RulebookError
from cds.evaluation import Evaluation, evaluate
from cds.intake.reading import parse_json, read_record
from cds.result import result_of
from cds.rulebook.model import RuleBook

__all__ = [
    "CdsError",
    "DisagreementError",
    "EngineError",
    "Evaluation",
    "RecordError",
    "RuleBook",
    "RulebookError",
    "cards_of",
    "evaluate",
    "open_rulebook",
    "parse_json",
    "read_record",
    "result_of",
]
