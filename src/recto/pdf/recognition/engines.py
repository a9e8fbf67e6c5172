"""Which engines read pictures of text on this machine, and what is missing."""

from dataclasses import dataclass
from enum import StrEnum

from recto.config import OcrMode
from recto.machine import Finding
from recto.pdf.recognition import rapid, tesseract


class EngineName(StrEnum):
    """The engines there are."""

    TESSERACT = "tesseract"
    RAPIDOCR = "rapidocr"


@dataclass(frozen=True, slots=True, kw_only=True)
class OcrEngines:
    """The engines that read here, in their order: the second improves what the first was not sure of.

    `language` is the setting without what tesseract lacks. `lack` says what is missing, `mend` the command against it.
    """

    names: tuple[EngineName, ...]
    language: str
    lack: str = ""
    mend: str = ""


def present(mode: OcrMode, language: str) -> OcrEngines:
    """What there is to read pictures with in this mode and language, such as `deu+eng`."""
    if mode is OcrMode.OFF:
        return OcrEngines(names=(), language="")
    has_program, has_rapid = tesseract.program() is not None, rapid.available()
    missing = tesseract.missing(language) if has_program else tesseract.codes(language)
    readable = "+".join(code for code in tesseract.codes(language) if code not in missing)
    order = (EngineName.TESSERACT, EngineName.RAPIDOCR)
    names = [name for name in order if (has_rapid if name is EngineName.RAPIDOCR else readable)]
    if mode is OcrMode.BEST or (mode is OcrMode.AUTO and missing):  # letters it does not know it takes for others
        names.reverse()
    lack, mend = "", ""
    if mode is OcrMode.BEST and not has_rapid:
        lack, mend = "RapidOCR is not installed", rapid.INSTALL
    elif has_program and missing and mode is not OcrMode.BEST:
        lack, mend = f"tesseract has no data for {' and '.join(missing)}", tesseract.mend(missing)
    elif not names:
        lack, mend = "tesseract is missing", f"{tesseract.mend(missing)}, or {rapid.INSTALL}"
    return OcrEngines(
        names=tuple(names if mode is OcrMode.AUTO and not missing else names[:1]),
        language=readable,
        lack=lack,
        mend=mend,
    )


def finding(mode: OcrMode, language: str) -> Finding:
    """What recognises scanned pages, in which languages, and what is missing."""
    program, languages = tesseract.program(), tesseract.languages()
    engines = present(mode, language)
    value = {"program": program, "languages": languages, "language": language, "engines": engines.names}
    read_by = " and ".join(engines.names) or "none: scanned pages are flagged, not read"
    words = f"{read_by}; language {language} of {', '.join(languages)} ({program})" if program else read_by
    lack = f"; {engines.lack}" if engines.lack else ""
    has_engine = program or engines.names
    return Finding(name="ocr", value=value if has_engine else None, words=words + lack, hint=engines.mend)
