"""Sources: words of models and people tell, others never guess, and what is contradictory stays open."""

import polars as pl
import pytest

from checks.origins.sources import Writer, named, writers
from tests import helpers

UNKNOWN = [
    None, "", " ", "-", "unknown", "web", "shop", "v1", "batch-3", "internal", "common_crawl", "logs", "https://a.example/b?c=1",
    "human-edited gpt-4", "gpt-4 + human review", "human vs ai", "non-synthetic", "not generated", "pre-chatgpt", "customer bot",
    "domain expert model", "Tesla Model 3", "Corolla", "falcon", "phi", "palm", "orca", "o1", "remodel", "captain", "ticketmaster",
    "production model v2", "agent", "assistant",
]  # fmt: skip
MACHINE = [
    "gpt-4", "GPT-4o", "gpt4", "gpt-3.5-turbo", "ChatGPT", "chatgpt_0613", "text-davinci-003", "OpenAI", "claude", "claude-3-opus",
    "Claude3", "llama-2-70b-chat", "meta-llama/Llama-3.1-8B", "llama2", "mistral", "Mixtral-8x7B", "gemini-1.5-pro", "gemma2",
    "Qwen2.5-72B", "DeepSeek-R1", "phi-2", "falcon-40b", "o1-mini", "synthetic", "synthetic_v2", "auto-generated", "generated",
    "ai", "AI-written", "LLM", "self-instruct", "SelfInstruct", "self_instruct", "evol-instruct", "distilled", "distillation",
    "machine-written", "model", "bot", "chatbot", "sharegpt", "alpaca", "back-translation", "model outputs",
]  # fmt: skip
HUMAN = [
    "human", "Humans", "crowd", "crowd-sourced", "crowdworkers", "MTurk", "annotator", "annotators_2024", "expert", "SME", "manual",
    "hand-written", "handwritten", "support ticket", "support_tickets", "SupportTicket", "zendesk", "customer email", "e-mail", "forum",
    "user-generated", "human-generated", "User generated content", "reddit", "StackOverflow", "oasst1", "dolly", "users",
]  # fmt: skip


@pytest.mark.parametrize(
    ("value", "writer"),
    [(value, writer) for values, writer in ((UNKNOWN, 0), (MACHINE, 2), (HUMAN, 1)) for value in values],
)
def test_what_a_value_says(value, writer):
    assert writers(pl.Series([value], dtype=pl.String)).to_list() == [writer]


def test_settings_add_values_and_come_first():
    found = writers(pl.Series(["web", " WEB ", "gpt-4", "v1"]), generated=("v1",), human=("Web", "GPT-4 "))
    assert found.to_list() == [Writer.HUMAN, Writer.HUMAN, Writer.HUMAN, Writer.MACHINE]


def test_every_row_has_its_writer_in_row_order_over_all_files():
    files = [
        {"text": list("ab"), "source": ["gpt-4", None]},
        {"text": list("c")},
        {"text": list("d"), "source": ["human"]},
    ]
    found = named(helpers.stored("train", *files))
    assert found["source"].to_list() == ["gpt-4", None, None, "human"]
    assert found["writer"].to_list() == [2, 0, 0, 1]
