"""`recto deploy huggingface`: what a Space would be made of, and with --yes the Space itself."""

from pathlib import Path

from recto import config, deploy
from recto.cli.terminal import note, say
from recto.deploy import Plan, Wish
from recto.errors import BadSetting


def secrets(names: tuple[str, ...]) -> dict[str, str]:
    """The values of these variables of our environment. BadSetting if one is not set: it is never asked for."""
    found = {name: config.variable(name) for name in names}
    if missing := [name for name, value in found.items() if not value]:
        raise BadSetting(f"the secret {missing[0]} is not set here", hint=f"export {missing[0]}=...")
    return found


def variables(given: tuple[str, ...]) -> dict[str, str]:
    """NAME=VALUE each. BadSetting if one is none, or sounds like a secret, which variables are not."""
    for one in given:
        name, equals, _ = one.partition("=")
        if not equals or not name.isidentifier():
            raise BadSetting(f"{one!r} is not NAME=VALUE", hint="--variable RECTO_PATIENCE=20")
        if any(word in name.upper() for word in ("TOKEN", "KEY", "SECRET", "PASSWORD")):
            raise BadSetting(f"{name} would be public, and part of the build", hint=f"--secret {name}")
    return {name: value for name, _, value in (one.partition("=") for one in given)}


def huggingface(wish: Wish, *, source: Path, yes: bool) -> int:
    """Show the plan; send it if that was said."""
    plan = deploy.plan(wish, source)
    _show(plan)
    if not yes:
        note("Nothing was sent. The same with --yes makes the Space.")
        return 0
    for step in deploy.send(plan):
        note(step)
    note(f"The Space builds for some minutes: https://huggingface.co/spaces/{wish.space}")
    return 0


def _show(plan: Plan) -> None:
    sent = sum(path.stat().st_size for path in plan.files.values())
    say(f"Space      {plan.wish.space} ({'private' if plan.wish.private else 'public'})")
    say(f"files      {len(plan.files)}, {sent / 1e6:.1f} MB")
    for name, value in plan.variables.items():
        say(f"variable   {name}={value}")
    for name in plan.wish.secrets:
        say(f"secret     {name}")
    if baked := deploy.size(plan.variables.get("MODEL", "")):
        say(f"model      {plan.variables['MODEL']}, {baked / 1e9:.1f} GB more in the image")
    for line in deploy.notes(plan):
        say(f"note       {line}")
