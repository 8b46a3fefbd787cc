"""Voices: what people write does not sound like a machine, what assistants say does, and nothing is missed for speed."""

# ruff: noqa: RUF001 - answers hold typographic apostrophes and the punctuation of their language

import re

import polars as pl
import pytest

from checks.origins.voices import may_tell, own_words, refuses, speaks_as_machine

PEOPLE = [
    "As an AI researcher, I spend my days on language models.",
    "As an AI enthusiast I think ChatGPT is overrated.",
    "I am an AI engineer at OpenAI and I like it.",
    "I'm an AI and robotics student.",
    "I was trained by Google in sales.",
    "I'm a language model researcher.",
    "As an assistant, I cannot sign for the office.",
    "As a virtual assistant I book your flights.",
    "My name is Claude. I am the plumber you called.",
    "I'm Gemini, my sister is Leo.",
    "I am not an AI, I am Nora from support.",
    "I'm Vera, the assistant of Acme. How can I help?",
    "I'm an AI assistant from Acme Bank. How can I help?",
    "Large language models such as GPT-4 are trained by OpenAI.",
    "As an AI language model, GPT-4 has no body.",
    'The bot wrote: "As an AI language model, I cannot do that."',
    "It said “I'm ChatGPT, a large language model trained by OpenAI.” and stopped.",
    "It answers « En tant que modèle de langage, je ne peux pas » every time.",
    "Print it:\n```\nprint('As an AI, I do not know.')\n```\nThat is all.",
    "> As an AI language model, I cannot.\nThis is what I got from it.",
    "Use `I'm an AI.` as the greeting.",
    "Am I an AI? No.",
    "I'm using an AI assistant developed by Google.",
    "My training data is too small, what can I do?",
    "My last update was on Monday.",
    "我是一名人工智能工程师。",
    "Me gusta el modelo de lenguaje que usamos.",
    "",
]
MACHINES = [
    "As an AI language model, I cannot give an opinion.",
    "As an AI language model,I cannot give one.",
    "I'm sorry, but as an AI, I don't have access to real-time data.",
    "As a large language model trained by OpenAI, I do not have a body.",
    "As an artificial intelligence, unfortunately I cannot see it.",
    "As a responsible AI assistant, I want to say this.",
    "Hello! I'm just an AI, it's my duty to help.",
    "I am an AI language model and do not have preferences.",
    "I’m an AI.",
    "I'm ChatGPT. How can I help?",
    "My name is GPT-4 and I can write.",
    "I am Claude, an AI assistant made by Anthropic.",
    "I'm Vera, a language model made by Google.",
    "I was developed by OpenAI.",
    "As of my last knowledge update in 2021, there were none.",
    "My knowledge cutoff is 2023.",
    'They call it "smart", but as an AI language model, I have no view.',
    "作为一个人工智能语言模型，我没有个人观点。",
    "作为一个 AI 助手，我可以帮你。",
    "作为一个AI助手，我建议您。",
    "由于我是一个人工智能助手，所以我没有。",
    "Como modelo de lenguaje, no tengo opiniones.",
    "En tant que modèle de langage, je n'ai pas d'avis.",
    "Als KI-Sprachmodell habe ich keine Meinung.",
    "In quanto modello linguistico, non ho opinioni.",
    "AI言語モデルとして、私は意見を持ちません。",
    "Как языковая модель, я не имею мнения.",
]
HELPFUL = [
    "I can't help but admire the view.",
    "I cannot help laughing at it.",
    "Sorry for the late answer! Your order left today.",
    "I'm sorry, we cannot refund orders after thirty days.",
    "Unfortunately the shop cannot deliver on Sunday.",
    "I won't be able to come on Monday.",
    "He must decline the offer.",
    "The bot says \"I'm sorry, but I can't assist with that.\" to everything.",
    f"{'Here is how to do it. ' * 30} I'm sorry, but I can't assist with that.",
    "",
]
REFUSALS = [
    "I'm sorry, but I can't assist with that.",
    "I’m sorry, I can’t help you with that.",
    "I apologize, but I cannot provide information on private persons.",
    "Unfortunately, I am not able to help with that request.",
    "I cannot fulfill this request.",
    "I can't assist with this.",
    "Oh. I'm afraid I'm unable to participate in this.",
    "I must respectfully decline to assist you.",
    "抱歉，我无法提供帮助。",
    "Lo siento, pero no puedo ayudar con eso.",
    "Tut mir leid, dabei kann ich nicht helfen.",
]


def told(texts, rule):
    frame = pl.DataFrame({"text": texts})
    return frame.select(rule(own_words(pl.col("text")))).to_series().to_list()


@pytest.mark.parametrize("text", PEOPLE)
def test_people_do_not_speak_as_machines(text):
    assert told([text], speaks_as_machine) == [False]


@pytest.mark.parametrize("text", MACHINES)
def test_machines_do(text):
    assert told([text], speaks_as_machine) == [True]


@pytest.mark.parametrize("text", [*HELPFUL, *PEOPLE])
def test_what_helps_is_no_refusal(text):
    assert told([text], refuses) == [False]


@pytest.mark.parametrize("text", REFUSALS)
def test_refusals_have_a_verb_of_assistance(text):
    assert told([text], refuses) == [True]


def test_the_quick_search_misses_nothing_that_the_rules_find():
    texts = [f"{before}{text}" for text in [*MACHINES, *REFUSALS] for before in ("", "Well. ", "\n")]
    frame = pl.DataFrame({"text": texts})
    assert frame.select(may_tell(pl.col("text"))).to_series().all()


@pytest.mark.parametrize(("left", "right"), ['""', "“”", "„“", "«»", "「」", "``"])
def test_quotations_are_not_ones_own_words(left, right):
    (found,) = (
        pl.DataFrame({"text": [f"a {left}I'm an AI.{right} b"]}).select(own_words(pl.col("text"))).to_series()
    )
    assert re.fullmatch("a '…' b", found)
