"""Every kind of file that a rulebook may hold, with its shape."""

from __future__ import annotations

from cds.rulebook.model import FindingsFile, PrecedenceFile, Rule, Safety, SilencingFile, TermsFile, Topic
from cds.rulebook.model.book import BookFile
from cds.rulebook.model.product import ProductsFile
from cds.rulebook.model.saying import AdviceFile, ClaimsFile, EvidenceFile, ReviewFile, SignaturesFile

KINDS: dict[str, type] = {
    "rulebook": BookFile,
    "topic": Topic,
    "safety": Safety,
    "review": ReviewFile,
    "claims": ClaimsFile,
    "signatures": SignaturesFile,
    "precedence": PrecedenceFile,
    "silencing": SilencingFile,
    "advice": AdviceFile,
    "evidence": EvidenceFile,
    "terms": TermsFile,
    "products": ProductsFile,
    "findings": FindingsFile,
    "rule": Rule,
}
