"""Medicines that are known to be something else: their names, and the words that may stand beside them."""

from __future__ import annotations

from typing import Annotated, Any, NamedTuple

from cds.rulebook.declared import Key, Words
from cds.rulebook.model.frozen import Frozen


class OtherMedicines(NamedTuple):
    """rules/terms/other_medicines.yaml: lists by the names of their groups, all of them without a meaning of their own.

    ``international`` are names that other languages spell in their own way and end in theirs; ``stems`` stand for all
    names that end so. ``brands`` may name several parts. ``unspaced`` are names of scripts without spaces. ``salts``
    may be joined to a name or stand beside it, ``acid_endings`` are the words for ``-ic acid`` in other languages.
    ``beside`` add nothing to a name. ``open_words`` may stand for a part that no name names, ``open_unspaced`` are such
    in scripts without spaces. ``none_taken`` say that there is no medicine, ``not_known`` that nobody knows.
    """

    international: Annotated[Frozen[str, Words], Key("international names")] = Frozen()
    stems: Annotated[Frozen[str, Words], Key("stems of names")] = Frozen()
    brands: Frozen[str, Words] = Frozen()
    unspaced: Annotated[Frozen[str, Words], Key("names without spaces")] = Frozen()
    salts: Frozen[str, Words] = Frozen()
    acid_endings: Annotated[Words, Key("endings of acids")] = ()
    beside: Annotated[Frozen[str, Words], Key("words that add nothing")] = Frozen()
    open_words: Annotated[Words, Key("words that leave a part open")] = ()
    open_unspaced: Annotated[Words, Key("signs that leave a part open")] = ()
    none_taken: Annotated[tuple[str, ...], Key("texts that say none is taken")] = ()
    not_known: Annotated[tuple[str, ...], Key("texts that say nobody knows")] = ()

    def joined(self, more: OtherMedicines) -> OtherMedicines:
        """Both together: lists of one name are one list."""
        return OtherMedicines(*(_joined(own, other) for own, other in zip(self, more, strict=True)))


def _joined(own: Any, more: Any) -> Any:
    if isinstance(own, Frozen):
        return Frozen({name: (*own.get(name, ()), *more.get(name, ())) for name in {**own, **more}})
    return (*own, *more)
