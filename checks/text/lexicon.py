"""Small closed lists of words by which edits are named: negations, what stands beside them, particles, numerals."""

from __future__ import annotations


def _words(listed: str) -> tuple[str, ...]:
    return tuple(listed.split())


_NEGATIONS = _words("""
    not no nt none nobody nothing nowhere neither nor never without
    nicht kein keine keinen keinem keiner keines nie niemals niemand nichts ohne weder
    ne pas jamais sans aucun aucune rien personne
    nunca jamas tampoco sin ningun ninguno ninguna nadie nada
    non mai senza nessun nessuno nessuna niente
    nao nem sem nenhum nenhuma ninguem
    niet geen nooit zonder inte aldrig ingen inget utan ikke aldri uten nigdy bez degil
    не нет ни никогда никто ничего без 不 没 無 无 非 未
""")
_VERBS = _words("do does did is are was were could would should has have had must need might")

NEGATIONS = {
    **dict.fromkeys(_NEGATIONS, ""),
    **{f"{verb}nt": verb for verb in _VERBS},
    "cant": "can",
    "cannot": "can",
    "wont": "will",
    "aint": "is",
}
"""Negations, folded and without apostrophes, and what is left of the word without the negation: English, German, French,
Spanish, Italian, Portuguese, Dutch, Swedish, Norwegian, Polish, Turkish, Russian, Chinese."""
BESIDE = frozenset(
    _words("do does did any some ever with either or all every always something somebody anything anybody")
)
"""Words that come and go with a negation: likes -> does not like, any -> no, with -> without."""
AMONG_NAMES = frozenset(_words("a an the of and mr mrs ms dr de la le van von"))
"""Words that may stand among names."""

_ONES = _words(
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen"
)
_TENS = _words("twenty thirty forty fifty sixty seventy eighty ninety")
NUMERALS = {
    **{word: str(number) for number, word in enumerate(_ONES)},
    **{word: str(10 * number) for number, word in enumerate(_TENS, 2)},
}
"""English numerals and the numbers they mean."""
