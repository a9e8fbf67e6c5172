"""The rules of text: sentences, tables, numbers, negation, terms, scripts. They know no PDF, no store and no model."""
