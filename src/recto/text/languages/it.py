"""Italian."""

from recto.text.languages.language import Language, QuestionWords, words

ITALIAN = Language(
    cased_abbreviations=words("dott prof"),
    page_words=words("pagina"),
    questions=QuestionWords(prepositions=words("nel")),
)
