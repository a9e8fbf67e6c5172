"""The commands and their options. What a command needs is imported when it runs: `recto --help` is quick."""

import sys
from collections.abc import Callable
from errno import EPIPE
from functools import wraps
from math import isfinite
from pathlib import Path
from typing import ParamSpec

import click

from recto import DISTRIBUTION
from recto.cli import messages
from recto.messages import languages

P = ParamSpec("P")
INTERRUPTED = 130  # 128 + SIGINT, as shells have it

_HELP = {"help_option_names": ["-h", "--help"]}
_json = click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
_docs = click.option("--doc", "docs", multiple=True, metavar="ID|NAME", help="Only this document (repeat for more).")
_collections = click.option(
    "--collection",
    "collections",
    multiple=True,
    metavar="NAME",
    help="Only what is in this collection (repeat for more).",
)
_password = click.option("--password", help="Password of an encrypted PDF (asked for if left out).")
_home_alone = click.option(
    "--home", type=click.Path(path_type=Path), envvar="RECTO_HOME", help="Folder of the library.", metavar="FOLDER"
)


def _take_key_file(_: click.Context, __: click.Parameter, path: Path | None) -> None:
    if path is not None:
        from recto import config

        config.use_key_file(path)


def _home(function: Callable[P, None]) -> Callable[P, None]:
    """The options that every command has which opens a library."""
    key_file = click.option(
        "--key-file",
        type=click.Path(path_type=Path),
        help="File of the key, if the library is encrypted; otherwise RECTO_KEY_FILE.",
        metavar="FILE",
        expose_value=False,
        callback=_take_key_file,
    )
    return key_file(_home_alone(function))


_model = click.option("--model", metavar="NAME|PATH|quote", help="Language model that writes; quote for none.")
_token = click.option("--token", default="", envvar="RECTO_TOKEN", help="Secret that others must know.")
_embed = click.option(
    "--embed",
    multiple=True,
    envvar="RECTO_EMBED",
    metavar="ORIGIN",
    help="A site that may show the page in a frame (repeatable).",
)
_allow_host = click.option(
    "--allow-host",
    "hosts",
    multiple=True,
    envvar="RECTO_ALLOW_HOST",
    metavar="NAME[:PORT]",
    help="A further name that it answers to without a token, such as host.docker.internal (repeatable).",
)
_folders = click.option(
    "--folder",
    "folders",
    multiple=True,
    type=click.Path(path_type=Path, file_okay=False),
    envvar="RECTO_FOLDERS",
    metavar="FOLDER",
    help="Keep the library in step with a folder of this machine (repeatable; in RECTO_FOLDERS with : between).",
)
_port = click.option(
    "--port",
    type=click.IntRange(1, 65535),
    envvar=["RECTO_PORT", "PORT"],
    help="Port.  [default: 8765; in containers 8000, in a Space 7860]",
)


def _take_language(_: click.Context, __: click.Parameter, language: str | None) -> None:
    if language is not None:
        messages.speak(language)


_language = click.option(
    "--lang",
    type=click.Choice(sorted(languages(messages.FOLDER))),
    help="Language of what is said; otherwise RECTO_LANG, or the locale.",
    expose_value=False,
    callback=_take_language,
)


@click.group(context_settings=_HELP)
@click.version_option(package_name=DISTRIBUTION)
@_language
def recto() -> None:
    """Ask your own PDFs: every answer points to the exact box on the page."""


def _command(function: Callable[P, int]) -> Callable[P, None]:
    """End with the exit code that the function returns; show recto's errors in words, in the language asked for."""

    @wraps(function)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        from recto.errors import RectoError

        if sys.stdin is not None and sys.stdin.isatty():
            from recto import keys
            from recto.cli.keys import ask_key

            keys.ask_by(ask_key)
        try:
            sys.exit(function(*args, **kwargs))
        except RectoError as error:
            from recto.cli.terminal import complain

            complain(error)
            sys.exit(error.exit_code)
        except KeyboardInterrupt:
            from recto.cli.terminal import begin_line

            begin_line()
            sys.exit(INTERRUPTED)
        except OSError as error:
            if error.errno == EPIPE:
                raise  # click ends quietly when the reader of a pipe has gone
            from recto.cli.terminal import note

            note(f"error: {error.filename or 'a file'}: {error.strerror}")
            sys.exit(1)

    return _language(run)


@recto.command()
@click.option("--encrypt", is_flag=True, help="Encrypt it, also if it is there already.")
@click.option("--key-ring", is_flag=True, help="Keep a random key in your key ring, instead of typing a pass phrase.")
@_home
@_command
def init(encrypt: bool, key_ring: bool, home: Path | None) -> int:
    """Make a library; with --encrypt one that nobody can read where it lies without its key.

    The key is a pass phrase that is typed, or with --key-file that of a file, which is made if need be.
    """
    from recto.cli import keys

    if key_ring and not encrypt:
        raise click.UsageError("--key-ring needs --encrypt")
    return keys.init(home=home, encrypts=encrypt, key_ring=key_ring)


@recto.group("key")
def library_key() -> None:
    """The key of an encrypted library."""


@library_key.command("change")
@click.option(
    "--new-key-file", type=click.Path(path_type=Path), metavar="FILE", help="File of the new key, made if need be."
)
@click.option("--key-ring", is_flag=True, help="Keep a new random key in your key ring.")
@_home
@_command
def change_key(new_key_file: Path | None, key_ring: bool, home: Path | None) -> int:
    """Write the library anew under another key: a pass phrase that is typed, or one in a file or the key ring."""
    from recto.cli import keys

    if new_key_file and key_ring:
        raise click.UsageError("--new-key-file and --key-ring exclude each other; give one of them")
    return keys.change(new_key_file, home=home, key_ring=key_ring)


@library_key.command("remove")
@_home
@_command
def remove_key(home: Path | None) -> int:
    """Write the library anew without encryption."""
    from recto.cli import keys

    return keys.remove(home=home)


@recto.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@_password
@click.option("--replace", is_flag=True, help="Forget the older version of a file of the same name.")
@click.option("--reread", is_flag=True, help="Read again what is there already.")
@click.option("--hidden", is_flag=True, help="Read also text that the pages do not show.")
@click.option(
    "--ocr", type=click.Choice(["auto", "fast", "best", "off"]), help="What reads scans; otherwise RECTO_OCR, or auto."
)
@click.option("--no-wait", is_flag=True, help="Leave the encoding to the next add; words can be searched at once.")
@click.option(
    "--collection",
    "collections",
    multiple=True,
    metavar="NAME",
    help="Put them into this collection (repeat for more).",
)
@_json
@_home
@_command
def add(
    paths: tuple[Path, ...],
    password: str | None,
    replace: bool,
    reread: bool,
    hidden: bool,
    ocr: str | None,
    no_wait: bool,
    collections: tuple[str, ...],
    as_json: bool,
    home: Path | None,
) -> int:
    """Add files, and folders of files: PDFs, pictures, texts, HTML, e-mails, and office files by LibreOffice."""
    from recto.cli import add
    from recto.config import OcrMode
    from recto.library.adding import AddOptions

    mode = OcrMode(ocr) if ocr else None
    options = AddOptions(password=password, reread=reread, replace=replace, hidden=hidden, ocr=mode)
    return add.run(paths, options, collections, home=home, wait=not no_wait, as_json=as_json)


@recto.command()
@click.argument("folder", required=False, type=click.Path(path_type=Path, file_okay=False), metavar="[FOLDER]")
@click.option("--watch", is_flag=True, help="Go on whenever something changes, until Control-C.")
@click.option("--delete/--no-delete", "deletes", default=None, help="Let documents go with their files, also later.")
@click.option("--dry-run", is_flag=True, help="Say what would be done, and do nothing.")
@click.option("--collection", default="", metavar="NAME", help="Put its documents into a collection, also later.")
@click.option("--forget", is_flag=True, help="Keep it in step no more; its documents stay.")
@click.option("--yes", is_flag=True, help="Do not ask: if everything is gone from the folder, that was meant.")
@_json
@_home
@_command
def sync(
    folder: Path | None,
    watch: bool,
    deletes: bool | None,
    dry_run: bool,
    collection: str,
    forget: bool,
    yes: bool,
    as_json: bool,
    home: Path | None,
) -> int:
    """Keep the library in step with a folder: what is new, changed, moved or deleted there follows.

    Without a folder it lists those that are kept in step.
    """
    from recto.cli import sync

    options = sync.SyncOptions(watch=watch, deletes=deletes, yes=yes, as_json=as_json, collection=collection)
    if watch + dry_run + forget > 1:
        raise click.UsageError("--watch, --dry-run and --forget exclude each other; give one of them")
    if folder is None:
        if watch or dry_run or collection or forget or yes or deletes is not None:
            raise click.UsageError("name a folder")
        return sync.list_folders(home=home, as_json=as_json)
    if forget:
        return sync.forget(folder, home=home)
    return (sync.preview if dry_run else sync.run)(folder, options, home=home)


@recto.command()
@click.argument("places", nargs=-1, metavar="SOURCE...")
@click.option("--to", "address", required=True, envvar="RECTO_STORE", help="The library: lance+s3://BUCKET/PREFIX.")
@click.option("--manifest", type=click.Path(path_type=Path), help="A file with a source a line.")
@click.option("--shards", type=click.IntRange(1, 10_000), help="Make it in so many shards, for good.")
@click.option(
    "--ray", "cluster", default="", metavar="ADDRESS", help="Read on a Ray cluster; local for this machine's."
)
@_json
@_command
def ingest(
    places: tuple[str, ...], address: str, manifest: Path | None, shards: int | None, cluster: str, as_json: bool
) -> int:
    """Fill a library on object storage with files, folders, and prefixes as s3://BUCKET/PREFIX."""
    from recto.cli import ingest

    return ingest.run(places, address, manifest=manifest, shards=shards or 0, cluster=cluster, as_json=as_json)


@recto.command()
@click.argument("question")
@click.option("--k", default=10, show_default=True, type=click.IntRange(1, 1000), help="Number of hits.")
@_docs
@_collections
@_json
@_home
@_command
def search(
    question: str, k: int, docs: tuple[str, ...], collections: tuple[str, ...], as_json: bool, home: Path | None
) -> int:
    """Find the pages that match a question best."""
    from recto.cli import search

    return search.run(question, k, docs, collections, home=home, as_json=as_json)


def _finite(_: click.Context, __: click.Parameter, seconds: float | None) -> float | None:
    """Refuse what click takes for a number above 0: nan and inf."""
    if seconds is not None and not isfinite(seconds):
        raise click.BadParameter(f"{seconds} is no number of seconds")
    return seconds


@recto.command()
@click.argument("question", required=False)
@_docs
@_collections
@_model
@click.option("--allow-remote", is_flag=True, help="Passages of the documents may go to a remote model.")
@click.option(
    "--patience",
    type=click.FloatRange(min=0, min_open=True),
    callback=_finite,
    metavar="SECONDS",
    help="Longest wait for a first word.",
)
@click.option("--require-model", is_flag=True, help="Exit code 4 if no language model wrote.")
@click.option("--continue", "goes_on", is_flag=True, help="Go on with the last conversation: for follow-ups.")
@click.option("--each", is_flag=True, help="Ask each document by itself: one answer a document.")
@click.option(
    "--whole", is_flag=True, help="Let the model read the documents whole, part by part; Ctrl-C keeps what came."
)
@click.option("--brief", is_flag=True, help="Quotes alone, without what stands around them on their pages.")
@click.option("--plain", is_flag=True, help="As into a pipe: no bold, no links, lines as on the pages.")
@_json
@click.option("--events", is_flag=True, help="The stream of events, one JSON object a line.")
@click.option(
    "--export",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Write the answer there, too: .pdf (cited pages, highlighted), .md, .txt, .csv, .json (CSL) or .bib.",
)
@_home
@_command
def ask(
    question: str | None,
    docs: tuple[str, ...],
    collections: tuple[str, ...],
    model: str | None,
    allow_remote: bool,
    patience: float | None,
    require_model: bool,
    goes_on: bool,
    each: bool,
    whole: bool,
    brief: bool,
    plain: bool,
    as_json: bool,
    events: bool,
    export: Path | None,
    home: Path | None,
) -> int:
    """Answer a question with the documents' own sentences, then in a language model's words.

    Without a question it takes one after the other, typed or from a pipe, and follow-ups such as "and in 2022?".
    """
    from recto.cli import ask, chat, terminal

    if plain:
        terminal.use_plain()
    form: ask.Form = "events" if events else "json" if as_json else "brief" if brief else "text"
    options = ask.AskOptions(
        docs=docs,
        form=form,
        require_model=require_model,
        export=export,
        collections=collections,
        each=each,
        whole=whole,
        goes_on=goes_on,
    )
    writing = ask.writing_settings(home, model=model, allow_remote=allow_remote, patience_s=patience, once=True)
    if question is None:
        if export:
            raise click.UsageError("--export takes the answer to one question; give it, too")
        return chat.run(options, home=home, writing=writing)
    return ask.run(question, options, home=home, writing=writing)


@recto.command("list")
@_collections
@_json
@_home
@_command
def list_documents(collections: tuple[str, ...], as_json: bool, home: Path | None) -> int:
    """List the documents of the library."""
    from recto.cli import documents

    return documents.list_documents(collections, home=home, as_json=as_json)


@recto.command()
@click.argument("names", nargs=-1, metavar="ID|NAME...")
@click.option("--all", "everything", is_flag=True, help="Every document of the library; asks first.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--now", is_flag=True, help="Delete at once, as --all does: nothing puts them back.")
@_home
@_command
def remove(names: tuple[str, ...], everything: bool, yes: bool, now: bool, home: Path | None) -> int:
    """Forget documents: text, passages, vectors, pictures and the copy of the file.

    For five minutes recto undo puts them back. The first command after that deletes them, as a server does.
    """
    from recto.cli import documents

    if bool(names) == everything:
        raise click.UsageError("name documents, or give --all")
    if everything:
        return documents.remove_all(home=home, confirmed=yes)
    return documents.remove(names, home=home, now=now)


@recto.command()
@click.argument("names", nargs=-1, metavar="[ID|NAME]...")
@_home
@_command
def undo(names: tuple[str, ...], home: Path | None) -> int:
    """Put back what was removed less than five minutes ago; without a name, the last removal."""
    from recto.cli import documents

    return documents.put_back(names, home=home)


@recto.command()
@click.argument("doc", metavar="ID|NAME")
@click.option("-o", "--output", type=click.Path(path_type=Path), help="A new file.  [default: its own name]")
@_home
@_command
def original(doc: str, output: Path | None, home: Path | None) -> int:
    """Write the file that was added, from which a page was made, out of the library."""
    from recto.cli import documents

    return documents.original(doc, output, home=home)


@recto.command()
@click.argument("doc", metavar="ID|NAME")
@click.argument("page", type=click.IntRange(min=1))
@click.option("--quote", help="Words of the page to mark.")
@click.option("-o", "--output", type=click.Path(path_type=Path), default=Path("page.png"), show_default=True)
@click.option("--width", default=1000, show_default=True, type=click.IntRange(100, 4000), help="Pixels.")
@_password
@_home
@_command
def show(
    doc: str, page: int, quote: str | None, output: Path, width: int, password: str | None, home: Path | None
) -> int:
    """Draw a page as PNG, with a quote marked on it."""
    from recto.cli import show

    return show.run(doc, page - 1, quote, output, width=width, password=password, home=home)


@recto.command()
@click.argument("doc", metavar="ID|NAME")
@click.argument("page", type=click.IntRange(min=1))
@click.option("--csv", "as_csv", is_flag=True, help="Comma-separated values, an empty line between two tables.")
@_json
@_home
@_command
def table(doc: str, page: int, as_csv: bool, as_json: bool, home: Path | None) -> int:
    """Print the tables of a page, with the heads of the page before where they go on from there."""
    from recto.cli import table

    if as_csv and as_json:
        raise click.UsageError("--csv and --json exclude each other; give one of them")
    return table.run(doc, page - 1, home=home, as_csv=as_csv, as_json=as_json)


@recto.command("export")
@click.argument("file", type=click.Path(path_type=Path))
@_home
@_command
def export_library(file: Path, home: Path | None) -> int:
    """Write the whole library to one file."""
    from recto.cli import documents

    return documents.export_library(file, home=home)


@recto.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@_home
@_command
def import_library(file: Path, home: Path | None) -> int:
    """Make a library from an exported file."""
    from recto.cli import documents

    return documents.import_library(file, home=home)


@recto.command("eval")
@click.argument("source", required=False, type=click.Path(path_type=Path), metavar="[QUESTIONS.jsonl]")
@click.option("--pdfs", multiple=True, type=click.Path(path_type=Path), help="Folder or PDF (repeatable).")
@click.option("--own", is_flag=True, help="Questions made from your own documents, instead of a file.")
@click.option("--mine", is_flag=True, help="What you asked, where you said what answers: recto feedback.")
@click.option("--questions", default=8, show_default=True, type=click.IntRange(1, 1000), help="Made of a document.")
@click.option("--alone", is_flag=True, help="Ask each document in a library of its own as well.")
@click.option("--written", is_flag=True, help="What language models write, beside what the quotes hold.")
@click.option("--model", "models", multiple=True, metavar="NAME", help="With --written: which one (repeatable).")
@click.option("--report", type=click.Path(path_type=Path), metavar="FILE.html", help="Write one page with everything.")
@click.option("--against", type=click.Path(path_type=Path), metavar="FILE", help="A saved run to compare with.")
@click.option("--no-worse", is_flag=True, help="Exit code 1 if it is worse than that, beyond chance.")
@click.option("--save", type=click.Path(path_type=Path), metavar="FILE", help="Keep this run in a file.")
@_collections
@_json
@_home
@_command
def evaluate(
    source: Path | None,
    pdfs: tuple[Path, ...],
    own: bool,
    mine: bool,
    questions: int,
    alone: bool,
    written: bool,
    models: tuple[str, ...],
    report: Path | None,
    against: Path | None,
    no_worse: bool,
    save: Path | None,
    collections: tuple[str, ...],
    as_json: bool,
    home: Path | None,
) -> int:
    """Measure how often the right page, the right sentence and the answer are found.

    Asked are the questions of a file, of a library made of the PDFs; or, with --own, your library. With --written they
    are asked of language models, and what these write is judged by the file's answers.
    """
    from recto.cli import evaluate, evaluate_written

    if no_worse and against is None:
        raise click.UsageError("--no-worse needs --against")
    if (models and not written) or (written and (own or alone or against)):
        raise click.UsageError("--model is for --written, which asks the questions of a file, of --pdfs")
    if collections and not own:
        raise click.UsageError("--collection is for --own, which asks your library")
    options = evaluate.EvalOptions(
        as_json=as_json,
        alone=alone,
        report=report,
        against=against,
        save=save,
        no_worse=no_worse,
        collections=collections,
    )
    if mine and not (own or source or pdfs or alone or written):
        return evaluate.feedback_questions(options, home=home)
    if own and source is None and not pdfs and not alone and not mine:
        return evaluate.own_library(questions, options, home=home)
    if own or mine or source is None or not pdfs:
        raise click.UsageError("name a file of questions and --pdfs, or --own or --mine alone")
    if written:
        return evaluate_written.run(source, pdfs, models, options, home=home)
    return evaluate.labelled(source, pdfs, options, home=home)


@recto.command()
@_json
@_home
@_command
def doctor(as_json: bool, home: Path | None) -> int:
    """Say what was found on this machine, and what is missing."""
    from recto.cli import doctor

    return doctor.run(home=home, as_json=as_json)


@recto.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8765, show_default=True, type=click.IntRange(0, 65535))
@_token
@click.option("--public", is_flag=True, help="A library of one's own for each visitor, for a while.")
@_model
@click.option("--allow-remote", is_flag=True, help="Passages of the documents may go to a remote model.")
@click.option("--open/--no-open", "open_page", default=True, help="Open the page in the browser.")
@click.option("--warm", is_flag=True, help="Load the model at once, not with the first question.")
@click.option(
    "--use-log",
    type=click.Path(path_type=Path, dir_okay=False),
    envvar="RECTO_USE_LOG",
    metavar="FILE",
    help="Log who uses it, when, by which door and how long, without the words of questions.",
)
@click.option("--use-log-words", is_flag=True, envvar="RECTO_USE_LOG_WORDS", help="With the words of questions.")
@_embed
@_allow_host
@_folders
@_home
@_command
def serve(
    host: str,
    port: int,
    token: str,
    public: bool,
    model: str | None,
    allow_remote: bool,
    open_page: bool,
    warm: bool,
    use_log: Path | None,
    use_log_words: bool,
    embed: tuple[str, ...],
    hosts: tuple[str, ...],
    folders: tuple[Path, ...],
    home: Path | None,
) -> int:
    """Serve the page: drop PDFs, ask, click a citation, see the words on the page."""
    from recto.cli import ask, serve
    from recto.cli.address import Address
    from recto.server.use_log import UseLogSettings

    writing = ask.writing_settings(home, model=model, allow_remote=allow_remote, patience_s=None)
    address = Address(host=host, port=port, token=token, public=public, embed=embed, hosts=hosts)
    log = UseLogSettings(use_log, use_log_words)
    return serve.run(address, home=home, writing=writing, open_page=open_page, warm=warm, folders=folders, use_log=log)


@recto.command()
@click.argument("shards", nargs=-1, required=True, metavar="SHARD...")
@click.option("--shard-token", default="", envvar="RECTO_SHARD_TOKEN", help="Secret that the shards' servers want.")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8765, show_default=True, type=click.IntRange(0, 65535))
@_token
@_model
@click.option("--allow-remote", is_flag=True, help="Passages of the documents may go to a remote model.")
@click.option("--warm", is_flag=True, help="Load the model at once, not with the first question.")
@_allow_host
@_home_alone
@_command
def route(
    shards: tuple[str, ...],
    shard_token: str,
    host: str,
    port: int,
    token: str,
    model: str | None,
    allow_remote: bool,
    warm: bool,
    hosts: tuple[str, ...],
    home: Path | None,
) -> int:
    """Serve several libraries as one: SHARDs are the addresses of their servers, as http://HOST:8765.

    Each is asked side by side, and pages are ranked as in one library. A shard that does not answer within
    RECTO_SHARD_DEADLINE seconds is left out, and the answer says so.
    """
    from recto import config
    from recto.cli import ask, serve
    from recto.cli.address import Address
    from recto.server.use_log import UseLogSettings

    config.use_shards(shards, shard_token)
    writing = ask.writing_settings(home, model=model, allow_remote=allow_remote, patience_s=None)
    address = Address(host=host, port=port, token=token, public=False, hosts=hosts)
    log = UseLogSettings(None)
    return serve.run(address, home=home, writing=writing, open_page=False, warm=warm, use_log=log)


@recto.command()
@click.option(
    "--url",
    default="http://127.0.0.1:8765",
    show_default=True,
    envvar="RECTO_URL",
    help="Where `recto serve` shows the pages that results link to.",
)
@_home
@_command
def mcp(url: str, home: Path | None) -> int:
    """Serve the Model Context Protocol on standard input and output, for chat programs and agents that start it.

    They find, read and quote what is in the library; they cannot change it. `recto serve` has the same at /mcp.
    """
    from recto.cli import mcp

    return mcp.run(url=url, home=home)


@recto.command()
@click.option("--host", envvar="RECTO_HOST", help="Address to listen on.  [default: 127.0.0.1; in containers 0.0.0.0]")
@_port
@_token
@click.option("--public/--no-public", default=None, envvar="RECTO_PUBLIC", help="A library for each visitor.")
@_model
@click.option("--ollama", is_flag=True, envvar="RECTO_OLLAMA", help="Run Ollama, too, unless one runs here already.")
@_embed
@_allow_host
@_folders
@_home
@_command
def up(
    host: str | None,
    port: int | None,
    token: str,
    public: bool | None,
    model: str | None,
    ollama: bool,
    embed: tuple[str, ...],
    hosts: tuple[str, ...],
    folders: tuple[Path, ...],
    home: Path | None,
) -> int:
    """Serve the page and keep it running, with what belongs to it: in a container, a Space, or here.

    Every option can be set as a variable, too: RECTO_HOST, RECTO_PORT (or PORT), RECTO_TOKEN, RECTO_PUBLIC=1,
    RECTO_MODEL, RECTO_OLLAMA=1, RECTO_EMBED, RECTO_ALLOW_HOST, RECTO_FOLDERS, RECTO_HOME.
    """
    from recto.cli import up

    options = up.UpOptions(
        host=host,
        port=port,
        token=token,
        public=public,
        embed=embed,
        hosts=hosts,
        folders=folders,
        model=model or "",
        ollama=ollama,
    )
    return up.run(options, home=home)


@recto.command()
@click.option("--host", envvar="RECTO_HOST", help="Address that the server listens on.")
@_port
@_command
def healthcheck(host: str | None, port: int | None) -> int:
    """Exit code 0 if the server that `recto up` runs here can be used, else 1."""
    from recto.cli import up

    return up.healthcheck(host, port)


@recto.group("encoders")
def sentence_encoders() -> None:
    """Sentence encoders, which find what a question means: what there is, and choosing one for a library."""


@sentence_encoders.command("list")
@_json
@_home
@_command
def list_encoders(as_json: bool, home: Path | None) -> int:
    """List the encoders, and say which one this library uses."""
    from recto.cli import encoders

    return encoders.list_encoders(home=home, as_json=as_json)


@sentence_encoders.command("use")
@click.argument("name")
@click.option("--no-wait", is_flag=True, help="Leave the encoding to the next add or serve.")
@_json
@_home
@_command
def use_encoder(name: str, no_wait: bool, as_json: bool, home: Path | None) -> int:
    """Encode the library with another encoder; meanwhile it is searched as before."""
    from recto.cli import encoders

    return encoders.use(name, home=home, wait=not no_wait, as_json=as_json)


@recto.group("models")
def language_models() -> None:
    """Language models: what there is, fetching and removing, how fast they are, which one suits."""


@language_models.command("list")
@_json
@_home
@_command
def list_models(as_json: bool, home: Path | None) -> int:
    """List the models that are here or have a name, and say which one writes."""
    from recto.cli import models

    return models.list_models(home=home, as_json=as_json)


@language_models.command("pull")
@click.argument("name", metavar="NAME|OWNER/REPO:FILE.gguf|ollama:NAME")
@click.option("--insecure", is_flag=True, help="Through Ollama, from a registry of your own that speaks plain http.")
@click.option("--no-measure", is_flag=True, help="For another machine: do not measure how fast it is on this one.")
@_json
@_home
@_command
def pull_model(name: str, insecure: bool, no_measure: bool, as_json: bool, home: Path | None) -> int:
    """Fetch a model: fast, default, best, a file of the Hugging Face hub, or one of Ollama's. Goes on after a cut.

    Then it is measured here, so that the first question need not wait for that.
    """
    from recto.cli import models

    return models.pull(name, home=home, as_json=as_json, insecure=insecure, measure=not no_measure)


@language_models.command("remove")
@click.argument("name", metavar="NAME|FILE|ollama:NAME")
@_json
@_home
@_command
def remove_model(name: str, as_json: bool, home: Path | None) -> int:
    """Delete a model and say what that freed."""
    from recto.cli import models

    return models.remove(name, home=home, as_json=as_json)


@language_models.command("speed")
@click.argument("name", required=False)
@_json
@_home
@_command
def model_speed(name: str | None, as_json: bool, home: Path | None) -> int:
    """Measure a model on this machine: reading, writing, loading, and how long an answer will take."""
    from recto.cli import models

    return models.speed(name, home=home, as_json=as_json)


@language_models.command("try")
@click.argument("questions", nargs=-1, metavar="[QUESTION]...|[FILE]")
@click.option("--model", "names", multiple=True, metavar="NAME", help="Only this model (repeat for more).")
@_json
@_home
@_command
def try_models(questions: tuple[str, ...], names: tuple[str, ...], as_json: bool, home: Path | None) -> int:
    """Ask every model the same questions about your documents, and say which one to take.

    A FILE of recto eval, beside its PDFs, has known answers: then it says what each has right and makes up.
    """
    from recto.cli import models

    return models.try_models(questions, names, home=home, as_json=as_json)


@recto.command()
@click.option("--quick", is_flag=True, help="Read a small document anew, not the largest.")
@_json
@_home
@_command
def bench(quick: bool, as_json: bool, home: Path | None) -> int:
    """Measure this machine with your own documents and model, and suggest a model."""
    from recto.cli import bench

    return bench.run(home=home, quick=quick, as_json=as_json)


@recto.group("deploy")
def deployment() -> None:
    """Run recto elsewhere."""


@deployment.command("huggingface")
@click.argument("space", metavar="OWNER/NAME")
@click.option(
    "--option",
    type=click.Choice(["local", "fallback", "hosted"]),
    default="local",
    show_default=True,
    help="Who writes: a model in the Space, that with a hosted one for when it is slow, or a hosted one alone.",
)
@click.option("--model", default="fast", show_default=True, help="Model that the image brings; empty for none.")
@click.option("--bucket", default="", metavar="OWNER/NAME", help="Storage bucket that keeps the data.")
@click.option("--secret", "secrets", multiple=True, metavar="NAME", help="Variable of yours that becomes a secret.")
@click.option("--variable", "variables", multiple=True, metavar="NAME=VALUE", help="A setting, which is public.")
@click.option("--private", is_flag=True, help="Only you and your organisation see the Space.")
@click.option("--source", type=click.Path(path_type=Path), default=".", help="A checkout of recto.", metavar="FOLDER")
@click.option("--yes", is_flag=True, help="Send it; without this nothing is sent.")
@_command
def deploy_huggingface(
    space: str,
    option: str,
    model: str,
    bucket: str,
    secrets: tuple[str, ...],
    variables: tuple[str, ...],
    private: bool,
    source: Path,
    yes: bool,
) -> int:
    """Make a Hugging Face Space with recto: show what it would be, and with --yes make it."""
    from recto.cli import deploy
    from recto.deploy import SpaceOptions

    options = SpaceOptions(
        space=space,
        option=option,
        model=model,
        bucket=bucket,
        private=private,
        secrets=deploy.secrets(secrets),
        variables=deploy.variables(variables),
    )
    return deploy.huggingface(options, source=source, yes=yes)


def main() -> None:
    """Run the command line."""
    recto(prog_name="recto")
