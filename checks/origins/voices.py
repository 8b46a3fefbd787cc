"""Answers that say of themselves that a machine wrote them, and answers that refuse in the words of assistants.

Rules are regular expressions of Rust's `regex` crate (linear time, no lookaround), by language. What stands in quotation
marks, in code or in a quoted line is what somebody else said, and is taken out first.
"""

# ruff: noqa: RUF001 - answers hold typographic apostrophes and the punctuation of their language

from __future__ import annotations

import polars as pl

_B = r"(?-u:\b)"
"""Where a word begins or ends, of ASCII letters: a hundred times as fast as that of all scripts."""
_MODEL = (
    r"(?:(?:large |advanced |neural )?(?:AI|[Aa]rtificial [Ii]ntelligence)(?:[- ](?:powered|based|driven))?"
    r"(?: (?:text|chat))?(?: [Ll]anguage)?(?: (?:[Mm]odel|[Aa]ssistant|[Cc]hatbot|bot|system|program|agent))?"
    r"|(?:[Ll]arge |neural |text-based )?[Ll]anguage (?:AI )?[Mm]odel(?: AI)?|LLM|chatbot)"
)
_TRAINED = "(?:trained|developed|created|made|built|designed)(?: and [a-z]+)?"
_MAKER = (
    "(?:OpenAI|Anthropic|DeepSeek|Mistral AI|Meta AI|Google(?: DeepMind| AI)?|Alibaba(?: Cloud)?|Microsoft|LMSYS"
    "|Cohere|xAI|Moonshot AI)"
)
_OTHERS = "(?:ChatGPT|GPT-?[345][A-Za-z0-9.-]*|Qwen[A-Za-z0-9.-]*|DeepSeek[A-Za-z0-9.-]*)"
"""Names of well-known models that nobody else has."""
_ALSO_PEOPLE = "(?:Claude|Gemini|Bard|Copilot|Mistral|LLaMA|Llama|Grok|Kimi|Koala|Alpaca|Vicuna)"
_AM = rf"{_B}I(?:['’]m| am)"
_MY = rf"(?:I(?:['’](?:m|d|ve|ll))?|[Mm]y){_B}"
_THEN = (
    rf"(?:[.!;](?:\s|$)|$|\n|, (?:so|and|not|but|my|which|I|it['’]s my){_B}"
    rf"|,? (?:and|so) (?:I|do|can|cannot|don['’]t|have|am){_B}|,? {_TRAINED} by {_MAKER}{_B})"
)
"""What may follow on "I'm an AI": not "engineer", nor "assistant from Acme", which may be a voice that people wrote."""

_ENGLISH = (
    # As an AI language model, developed by OpenAI, I ...
    rf"{_B}[Aa]s an? (?:(?:helpful|responsible|friendly|harmless|ethical|safe) )?{_MODEL}(?: {_TRAINED}[^.!?\n]{{0,60}})?(?:(?:,| |, )(?:and )?{_MY}|, (?:[a-z]+ ){{1,2}}{_MY})",
    # I'm just an AI language model, so I ...
    rf"{_AM} (?:just |only |simply |merely |actually |still )?an? {_MODEL}{_THEN}",
    # I'm ChatGPT. I am Claude, an AI assistant ...
    rf"(?:{_AM}|{_B}[Mm]y name is)(?: called| named)? (?:{_OTHERS}{_B}|{_ALSO_PEOPLE},? (?:an? |the |{_TRAINED} by )(?:AI|large|language|chatbot|{_MAKER}){_B})",
    # I was trained by OpenAI. I am Vera, a language model made by Google.
    rf"{_B}I(?: was|['’]ve been| have been) {_TRAINED} by (?:OpenAI|Anthropic|DeepSeek|Mistral AI|Meta AI|Google AI){_B}",
    rf"{_AM} (?:an? |[A-Z][A-Za-z0-9.-]*, an? )[^.!?\n]{{0,30}}{_MODEL}[^.!?\n]{{0,20}} {_TRAINED} by [^.!?\n]{{0,40}}{_MAKER}{_B}",
    # As of my last knowledge update ...
    rf"{_B}[Mm]y (?:last |latest )?knowledge[ -](?:cut-?off|update){_B}",
)
_LATIN = (
    r"[Cc]omo (?:un |una |um |uma )?modelo de l(?:enguaje|inguagem)",
    r"[Ee]n tant qu(?:e |['’])(?:un |une )?(?:modèle de langage|(?:assistant )?IA[ ,]|intelligence artificielle)",
    r"Als (?:eine? )?(?:KI|(?:großes )?Sprachmodell)(?:-(?:Sprachm|M)odell|-Assistent)?,? (?:habe|kann|bin|besitze|verfüge|darf) ",
    r"[Ii]n quanto modello linguistico",
)
_OTHER_SCRIPTS = (
    "作为(?:一个|一名|一位|一款)? ?(?:AI ?(?:助手|助理|系统|机器人|模型)|(?:人工智能|AI ?|大型?)?(?:人工智能|语言模型))[^，。！？\n]{0,12}[，,]?我",
    "我(?:只)?是(?:一个|一款|一名)(?:AI ?)?(?:人工智能|语言模型|AI)(?:语言模型|助手|助理|模型|程序)?[，。,]",
    "(?:言語|AI)モデルとして",
    "(?:^|[.!?] )[Кк]ак (?:языковая модель|искусственный интеллект)",
)
_CANNOT = "(?:can(?:['’]t|not| not)|(?:(?:am|are)|['’](?:m|re)) (?:unable|not able) to|won['’]t|will not)"
_HELP = "(?:assist|fulfil|comply|engage in|participate in|help (?:you )?(?:with|to)|help you[.,!\n])"
_GIVE = "(?:help|provide|answer|respond|generate|create|write|support|accommodate|discuss|offer)"
_SORRY = "(?:[Ss]orry|afraid|pologi[sz]e|pologies|nfortunately|regret)"
_REFUSALS = (
    rf"{_SORRY}[^.!?\n]{{0,60}}? ?(?:I|[Ww]e) ?{_CANNOT}(?: [a-z]+){{0,2}}? (?:{_HELP}|help{_B}|{_GIVE}(?: you)? (?:with|any|that|this|such|information|instructions|guidance|advice|assistance))",
    rf"(?:^|[.!?\n]\s*)(?:I|[Ww]e) ?{_CANNOT}(?: [a-z]+)? (?:assist|fulfil|comply)",
    r"(?:^|[.!?\n]\s*)I (?:must|have to) (?:respectfully |politely )?decline to (?:assist|help|comply|provide|answer)",
    "(?:抱歉|对不起)[^。！？\n]{0,12}(?:无法|不能)[^。！？\n]{0,6}(?:帮助|提供|回答|协助|满足)",
    "Lo siento[^.!?\n]{0,30}no puedo (?:ayudar|proporcionar|asistir|cumplir)",
    "[Dd]ésolée?[^.!?\n]{0,30}je ne (?:peux|suis)[^.!?\n]{0,20}(?:aider|fournir|répondre)",
    "Tut mir (?:sehr )?[Ll]eid[^.!?\n]{0,30}(?:kann|darf)[^.!?\n]{0,40}(?:helfen|unterstützen)",
)
OPENING = 400
"""Characters at the beginning of an answer in which a refusal stands."""
_ANCHORS = (
    "anguage model|anguage Model|anguage AI| AI|OpenAI|rtificial |hatbot|hatGPT|GPT|Anthropic|nowledge cut|nowledge upd|an LLM|Qwen|DeepSeek",
    (
        "odelo de l|tant qu|Als |ello linguistico|Lo siento|ésol|ut mir|人工智能|语言模型|为AI|个AI|名AI|位AI|款AI|モデルとして"
        "|языковая модель|искусственный|抱歉|对不起"
    ),
    "sorry|Sorry|afraid|pologi|nfortunately|regret|assist|fulfil|comply|decline",
)
"""Something of which each rule needs, in sets that are quick to look for: few letters that begin few words."""
_QUOTED = (
    r"(?s)```.*?(?:```|$)|\"[^\"\n]*\"|“[^”\n]*”|„[^“”\n]*[“”]|«[^»\n]*»|「[^」\n]*」|`[^`\n]*`|(?m:^\s*>.*$)"
)


def _any(*rules: str) -> str:
    """One rule that holds where one of these does."""
    return "|".join(f"(?:{rule})" for rule in rules)


SPEAKING = _any(*_ENGLISH, *_LATIN, *_OTHER_SCRIPTS)
REFUSING = _any(*_REFUSALS)


def own_words(answer: pl.Expr) -> pl.Expr:
    """An answer without what it quotes."""
    return answer.str.replace_all(_QUOTED, "'…'")


def may_tell(text: pl.Expr) -> pl.Expr:
    """Whether a text can hold what the rules look for: quick, and true of too many."""
    return pl.any_horizontal(text.str.contains(anchors) for anchors in _ANCHORS)


def speaks_as_machine(words: pl.Expr) -> pl.Expr:
    """Whether an answer says of itself, in its own words, that a machine wrote it."""
    return words.str.contains(SPEAKING)


def refuses(words: pl.Expr) -> pl.Expr:
    """Whether an answer begins by refusing, with a verb of assistance."""
    return words.str.slice(0, OPENING).str.contains(REFUSING)
