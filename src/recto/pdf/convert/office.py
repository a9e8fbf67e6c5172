"""Word, PowerPoint, Excel, OpenDocument and RTF as PDF, by LibreOffice where it is installed."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

from recto.errors import ConverterMissing, DamagedPdf
from recto.file_kinds import ENDINGS, FileKind, ending_of
from recto.machine import Finding

LIMIT_S = 180.0  # a cold start on a busy machine takes 20
MEMORY = 4 << 30  # bytes of address space; 2 are usual
PROGRAMS = ("soffice", "libreoffice")
MAC_PROGRAM = "/Applications/LibreOffice.app/Contents/MacOS/soffice"
INSTALL = "apt-get install libreoffice-nogui (Debian, Ubuntu), brew install --cask libreoffice (macOS)"
OPEN = "open it in the program that made it and save it as a PDF"
_SETTINGS = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry" xmlns:xs="http://www.w3.org/2001/XMLSchema">
<item oor:path="/org.openoffice.Office.Common/Security/Scripting">
<prop oor:name="DisableMacrosExecution" oor:op="fuse"><value>true</value></prop>
<prop oor:name="MacroSecurityLevel" oor:op="fuse"><value>3</value></prop>
<prop oor:name="BlockUntrustedRefererLinks" oor:op="fuse"><value>true</value></prop>
<prop oor:name="DisableActiveContent" oor:op="fuse"><value>true</value></prop>
</item>
</oor:items>
"""  # no macros, and nothing from elsewhere
_LIMITED = """
import os, resource, sys
resource.setrlimit(resource.RLIMIT_AS, (int(sys.argv[1]),) * 2)
os.execv(sys.argv[2], sys.argv[2:])
"""


def available() -> str | None:
    """The path of LibreOffice's program, None if it is not installed."""
    return next(filter(None, (*map(shutil.which, PROGRAMS), shutil.which(MAC_PROGRAM))), None)


def finding() -> Finding:
    """The program that makes PDFs of Word, PowerPoint, Excel, OpenDocument and RTF files."""
    program = available()
    if program is None:
        words = "none: Word, PowerPoint, Excel, OpenDocument and RTF files are refused"
        return Finding(name="office", value=None, words=words, hint=INSTALL)
    return Finding(name="office", value=program, words=f"{program}: Word, PowerPoint, Excel, OpenDocument, RTF")


def convert(path: Path, name: str, target: Path) -> None:
    """Write the PDF. ConverterMissing without LibreOffice, DamagedPdf if it could make nothing of the file."""
    program = available()
    if program is None:
        raise ConverterMissing(f"{path}: reading it needs LibreOffice, which is not installed", hint=INSTALL)
    with tempfile.TemporaryDirectory(prefix="recto-office-", dir=target.parent) as folder:
        ending = ending_of(name)
        copy = Path(folder, f"document{ending if ENDINGS.get(ending) is FileKind.OFFICE else ''}")
        shutil.copyfile(path, copy)
        output = _run(program, copy, Path(folder))
        document = copy.with_suffix(".pdf")
        if not document.is_file():
            raise DamagedPdf(f"{path}: LibreOffice made no PDF of it ({output})", hint=OPEN)
        shutil.move(document, target)


def _run(program: str, copy: Path, folder: Path) -> str:
    """Run it with a profile of its own, apart from the person's; what it said, or why it was ended."""
    settings = folder / "profile" / "user" / "registrymodifications.xcu"
    settings.parent.mkdir(parents=True)
    settings.write_text(_SETTINGS)
    command = [
        *(program, "--headless", "--norestore", "--nolockcheck"),
        f"-env:UserInstallation={(folder / 'profile').as_uri()}",
        *("--convert-to", "pdf", "--outdir", str(folder), str(copy)),
    ]
    if sys.platform == "linux":
        command = [sys.executable, "-c", _LIMITED, str(MEMORY), *command]
    with subprocess.Popen(
        command,
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env={**os.environ, "HOME": str(folder), "TMPDIR": str(folder), "SAL_USE_VCLPLUGIN": "svp"},
        start_new_session=True,  # it starts others, which have to end with it
    ) as process:
        try:
            output, _ = process.communicate(timeout=LIMIT_S)
        except subprocess.TimeoutExpired:
            return f"it took longer than {LIMIT_S:g} s"
        finally:
            if process.returncode is None:
                os.killpg(process.pid, signal.SIGKILL) if hasattr(os, "killpg") else process.kill()
    return " ".join(output.decode("utf-8", "replace").split())[:200] or f"it ended with {process.returncode}"
