"""`recto deploy huggingface`: what a Space would be made of, and with --yes the Space itself."""

from pathlib import Path

from recto import config, deploy
from recto.cli.terminal import note, say
from recto.deploy import SpaceOptions
from recto.errors import BadSetting

SECRET_WORDS = ("TOKEN", "KEY", "SECRET", "PASSWORD")  # in the name of a variable that must not be public


def secrets(names: tuple[str, ...]) -> dict[str, str]:
    """The values of these variables of our environment. BadSetting if one is not set: it is never asked for."""
    values = {name: config.variable(name) for name in names}
    for name, value in values.items():
        if not value:
            raise BadSetting(f"the secret {name} is not set here", hint=f"export {name}=...")
    return values


def variables(settings: tuple[str, ...]) -> dict[str, str]:
    """NAME=VALUE each. BadSetting if one is none, or sounds like a secret, which variables are not."""
    values = {}
    for setting in settings:
        name, equals, value = setting.partition("=")
        if not equals or not name.isidentifier():
            raise BadSetting(f"{setting!r} is not NAME=VALUE", hint="--variable RECTO_PATIENCE=20")
        if any(word in name.upper() for word in SECRET_WORDS):
            raise BadSetting(f"{name} would be public, and part of the build", hint=f"--secret {name}")
        values[name] = value
    return values


def huggingface(options: SpaceOptions, *, source: Path, yes: bool) -> int:
    """Show the plan; send it if that was said."""
    plan = deploy.plan(options, source)
    size = sum(path.stat().st_size for path in plan.files.values())
    say(f"Space      {options.space} ({'private' if options.private else 'public'})")
    say(f"files      {len(plan.files)}, {size / 1e6:.1f} MB")
    for name, value in plan.variables.items():
        say(f"variable   {name}={value}")
    for name in options.secrets:
        say(f"secret     {name}")
    if model_size := deploy.size(plan.variables.get("MODEL", "")):
        say(f"model      {plan.variables['MODEL']}, {model_size / 1e9:.1f} GB more in the image")
    for line in deploy.notes(plan):
        say(f"note       {line}")
    if not yes:
        note("Nothing was sent. The same with --yes makes the Space.")
        return 0
    for step in deploy.send(plan):
        note(step)
    note(f"The Space builds for some minutes: https://huggingface.co/spaces/{options.space}")
    return 0
