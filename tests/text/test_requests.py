"""Questions about whole documents: each kind in many wordings, and what only looks like one."""

import pytest

from recto.search.references import references
from recto.text.requests import Comparison, Listing, comparison, listing

LISTS = {
    "List all pumps": "pumps",
    "List all the members present.": "members present",
    "Please list every fee in this document": "fee",
    "list the ingredients": "ingredients",
    "Name all warranties": "warranties",
    "Show me all deadlines in the contract": "deadlines",
    "Give me all dates": "dates",
    "Can you find all error codes?": "error codes",
    "Enumerate all exceptions": "exceptions",
    "I want a list of all duties of the tenant": "duties of the tenant",
    "Give me a complete list of all the requirements": "requirements",
    "Which discounts are there?": "discounts",
    "What fees are there in the contract?": "fees",
    "Which extensions does this document mention?": "extensions",
    "What are all the obligations of the landlord?": "obligations of the landlord",
    "Tell me every rule": "rule",
    "Extract all telephone numbers from the document": "telephone numbers",
    "Could you list all risks?": "risks",
    "Which stations does the report list?": "stations",
    "List all the steps across all documents": "steps",
    "Liste alle Pumpen auf": "Pumpen",
    "Bitte nenne alle Gebühren": "Gebühren",
    "Welche Fristen gibt es?": "Fristen",
    "Zeige mir alle Ausnahmen in diesem Dokument": "Ausnahmen",
    "Liste toutes les pompes": "pompes",
    "Quels frais y a-t-il ?": "frais",
    "Énumérez tous les délais": "délais",
}
MENTIONS = {
    "every mention of TLS": "TLS",
    "Show me all mentions of the landlord": "the landlord",
    'All occurrences of "risk analysis"': "risk analysis",
    "Find each instance of boiler in the handbook": "boiler",
    "How many times is the MMU mentioned?": "the MMU",
    "How often does hart mask occur in this document?": "hart mask",
    "How often is the deposit mentioned?": "the deposit",
    "How many times does the report mention asbestos?": "asbestos",
    "Where is the landlord mentioned?": "the landlord",
    "On which pages is PMP mentioned?": "PMP",
    "Where does the word force majeure appear?": "force majeure",
    "Find all places where the deposit is mentioned": "the deposit",
    "List all pages that mention pets": "pets",
    "Show every sentence with penalty": "penalty",
    "all references to Article 5": "Article 5",
    "How many mentions of pumps are there?": "pumps",
    "Where all is the boiler mentioned?": "the boiler",
    "Quote every passage about leave": "leave",
    "list the mentions of asbestos": "asbestos",
    "Where are spare keys mentioned?": "spare keys",
    "All lines containing invoice": "invoice",
    "Which pages mention the boiler?": "",
    "Wo wird der Kessel erwähnt?": "der Kessel",
    "Wie oft wird das Ventil erwähnt?": "das Ventil",
    "Wie oft kommt Miete vor?": "Miete",
    "Alle Erwähnungen von Asbest": "Asbest",
    "Toutes les mentions de la caution": "la caution",
    "Combien de fois la caution est-elle mentionnée ?": "la caution",
}
NO_LISTS = (
    "Which discounts are there and how much is each a year?",
    "Which types of node are there in the table?",
    "Which teachers are going along?",
    "List all of them",
    "List everything possible",
    "Show all",
    "List all documents",
    "Name all the details",
    "Show me all of it",
    "What is the sum of all grants applied for?",
    "How often is the filter cleaned?",
    "How many times may the agreement be renewed?",
    "How many times a day do I take it?",
    "Where are the spare keys?",
    "Where is the landlord's office found?",
    "Which chapters are there?",
    "Which tables does the report contain?",
    "List of figures",
    "Which of the pumps are there?",
    "Name the largest station",
    "List the pumps that were cleaned when the plant stood still because of the flood",
    "What does every member pay?",
    "Show me page 3",
    "Are all pumps cleaned?",
    "Who cleans all the pumps?",
    "All employees must wear what?",
    "What is the list price?",
    "Give me the price of each pump",
    "List the pumps, and which are the oldest?",
    "Was kostet alles zusammen?",
    "Welche Frist gilt?",
    "Quels sont les frais ?",
    "What is said about mentions?",
    "Which extensions are there to the rule?",
)
COMPARISONS = {
    "Compare lease.pdf and rules.pdf on pets": Comparison("pets", ("lease.pdf", "rules.pdf")),
    "Compare the lease with the house rules on quiet hours": Comparison(
        "quiet hours", ("the lease", "the house rules")
    ),
    "Compare the warranty in kettle.pdf and router.pdf": Comparison("the warranty", ("kettle.pdf", "router.pdf")),
    "How do the lease and the rules differ on pets?": Comparison("pets", ("the lease", "the rules")),
    "How do A and B compare regarding price?": Comparison("price", ("A", "B")),
    "What are the differences between A and B in terms of fees?": Comparison("fees", ("A", "B")),
    "difference between the old contract and the new contract on notice": Comparison(
        "notice", ("the old contract", "the new contract")
    ),
    "Compare A to B with respect to leave": Comparison("leave", ("A", "B")),
    "Compare A against B by weight": Comparison("weight", ("A", "B")),
    "Please compare A and B concerning deadlines": Comparison("deadlines", ("A", "B")),
    "What is the notice period in each document?": Comparison("What is the notice period"),
    "In each document, what is the notice period?": Comparison("what is the notice period"),
    "What is the price per document?": Comparison("What is the price"),
    "Who signed in each of these contracts?": Comparison("Who signed"),
    "What is the deposit in every PDF?": Comparison("What is the deposit"),
    "What does each document say about pets?": Comparison("pets"),
    "What does every one of the reports say on rain?": Comparison("rain"),
    "Compare all documents on price": Comparison("price"),
    "Compare my contracts on notice": Comparison("notice"),
    "Compare the reports by turnover": Comparison("turnover"),
    "Give the total for each file": Comparison("Give the total"),
    "Vergleiche Mietvertrag und Hausordnung hinsichtlich Tieren": Comparison("Tieren", ("Mietvertrag", "Hausordnung")),
    "Was kostet es in jedem Dokument?": Comparison("Was kostet es"),
    "Vergleiche die Dokumente hinsichtlich Preis": Comparison("Preis"),
    "Comparez le bail et le règlement sur les animaux": Comparison("les animaux", ("le bail", "le règlement")),
    "Quel est le prix dans chaque document ?": Comparison("Quel est le prix"),
}
NO_COMPARISONS = (
    "How do the fares to Skerry of a short car and a long one compare?",
    "How many e-books were lent in each of the three years?",
    "Which is open longer each week, Holm Road or St Brannock's?",
    "How many people cycle to work in each district?",
    "What must be written in each report?",
    "What is said in every contract of the plant?",
    "Compare tables 1 and 2",
    "Compare the two pumps",
    "What is the difference between gross and net pay?",
    "How do the two pumps differ?",
    "Each document must be signed by whom?",
    "What does a document of each kind cost?",
    "How wide must each of the three instructions be?",
    "What number is given for each wire?",
    "Which documents are compared?",
    "What do the documents say about pets?",
    "Is the fee higher than in 2019?",
    "Who compares the offers?",
    "What is comparable?",
    "How often is each pump cleaned?",
    "Was muss in jeder Rechnung stehen?",
    "What is the price per page?",
)
SUMMARIES = (
    "What is this about?",
    "What is this document about?",
    "What's it about?",
    "What is the document about, please?",
    "Summarise",
    "Summarise this",
    "Summarize the document",
    "Summarise the handbook.",
    "Please summarise this report",
    "Can you give me a short summary of the report?",
    "Give me an overview",
    "Give me an overview of the document",
    "What is the main topic of this paper?",
    "What does the document say?",
    "What does this document cover?",
    "tldr",
    "Show me the outline",
    "What is the gist of it?",
    "What is the subject of the document?",
    "Could you summarise the contract for me?",
    "Worum geht es?",
    "Worum geht es in diesem Dokument?",
    "Fasse den Bericht zusammen",
    "Gib mir einen Überblick",
    "De quoi parle ce document ?",
    "Résume ce document",
    "¿De qué trata este documento?",
    "Di cosa parla il documento?",
)
NO_SUMMARIES = (
    "What is said about pumps?",
    "What is this rule about pumps?",
    "Summarise the duties of the tenant",
    "What is the purpose of the pump?",
    "How about the year before?",
    "Summarise chapter 3",
    "What does the summary say about rent?",
    "Who wrote the summary?",
    "What is the report's budget?",
    "Give me an overview of the fees",
    "What is the topic of the second meeting?",
    "What was the outline of the pump made of?",
    "Was sagt der Bericht über Pumpen?",
    "De quoi parle le ministre ?",
)


@pytest.mark.parametrize(("question", "thing"), LISTS.items())
def test_everything_of_a_kind(question: str, thing: str) -> None:
    assert listing(question) == Listing(thing, mentions=False)
    assert comparison(question) is None


@pytest.mark.parametrize(("question", "thing"), MENTIONS.items())
def test_every_mention(question: str, thing: str) -> None:
    assert listing(question) == (Listing(thing, mentions=True) if thing else None)
    assert comparison(question) is None


@pytest.mark.parametrize("question", [*NO_LISTS, *SUMMARIES])
def test_what_lists_nothing(question: str) -> None:
    assert listing(question) is None


@pytest.mark.parametrize(("question", "expected"), COMPARISONS.items())
def test_the_same_of_several_documents(question: str, expected: Comparison) -> None:
    assert comparison(question) == expected
    assert listing(question) is None


@pytest.mark.parametrize("question", [*NO_COMPARISONS, *NO_LISTS, *SUMMARIES])
def test_what_compares_nothing(question: str) -> None:
    assert comparison(question) is None


@pytest.mark.parametrize("question", SUMMARIES)
def test_what_a_document_is_about(question: str) -> None:
    value = references(question)
    assert (value.overview, value.remainder) == (True, ())


@pytest.mark.parametrize("question", NO_SUMMARIES)
def test_what_is_about_something(question: str) -> None:
    value = references(question)
    assert not value.overview or value.remainder
