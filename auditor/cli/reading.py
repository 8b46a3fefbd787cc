"""What commands that read training and eval files share."""

from __future__ import annotations

import click


class OrderedCommand(click.Command):
    """A command whose files come before its options, so that a shell glob never turns eval files into training data."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Refuse files behind --eval."""
        valued = {
            name for option in self.params for name in option.opts if not getattr(option, "is_flag", False)
        }
        seen_eval, skip = False, False
        for arg in args:
            if skip:
                skip = False
            elif arg.startswith("-") and arg != "-":
                seen_eval = seen_eval or arg.split("=")[0] == "--eval"
                skip = arg in valued
            elif seen_eval:
                message = (
                    f"{arg!r} stands behind --eval, so it is not clear which side it is on. Put training files first "
                    "and repeat --eval for each eval file, or quote a pattern: "
                    f"{ctx.command_path} train.jsonl --eval 'eval/*.jsonl'"
                )
                raise click.UsageError(message, ctx)
        return super().parse_args(ctx, args)


def pairs(mapping: tuple[str, ...]) -> dict[str, str]:
    """Column -> role, as --map gives them."""
    found = {}
    for pair in mapping:
        column, sign, role = pair.rpartition("=")
        if not sign or not column or not role:
            message = f"--map {pair!r} should read COLUMN=ROLE, for example --map 'Tweet text'=text"
            raise click.UsageError(message)
        found[column] = role
    return found
