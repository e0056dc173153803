"""How many weeks something has lasted, behind its name: ``임신 24주``, ``Ciąża 20 tydzień``.

The words are those of the general language of records, in the languages in which records come, as texts are compared.
"""

from __future__ import annotations

import re

_WORDS = (
    "ssw|schwangerschaftswochen?|wochen?|weeks?|wks?|semaines?(?: d' ?amenorrhee)?|sa|semanas?|settiman[ae]|weken|week|"
    "uker|uger|veckor|vecka|uke|uge|viikkoa?|viikolla|vk|rv|tydzien|tygodni[aeu]?|tyg|hbd|tyden|tydn[eyu]|tyzden|"
    "het|hetes|hafta(?:lik)?|saptaman[ai]|nedelja|tjedan|tjedana|"
    "εβδομαδ\\w*|недел\\w*|тижн\\w*|тиждень|седмиц\\w*|בשבוע|שבוע|שבועות|الاسبوع|اسبوعا?|สัปดาห์|周|週|주차?"
)
_BEFORE = r"(?:[ ,(:]+(?:(?:de|di|da|in|i|w|v|alla|at|of|na|en|com|con|στην) )?)?"
_NUMBER = r"\d{1,2}(?: ?\+ ?\d)?(?: ?/ ?[74])?(?:[.ªº]|th|a)?"
WEEKS = re.compile(rf"{_BEFORE}(?:(?:{_WORDS})\.? ?{_NUMBER}|{_NUMBER} ?(?:{_WORDS}))\.?\)?$")
