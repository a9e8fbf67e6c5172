"""Spanish."""

from recto.text.languages.language import Language, QuestionWords, words

SPANISH = Language(
    cased_abbreviations=words("pág núm"),
    page_words=words("página páginas pagina paginas"),  # accents are often left out in questions
    questions=QuestionWords(prepositions=words("en"), fillers=words("y"), connectives=words("y")),
)
