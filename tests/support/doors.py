"""A server of one library that is asked through many doors."""

TOKEN = "secret"
HANDBOOK = (
    "The handbook\n"
    "Every employee has 27 days of annual leave.\n"
    "Unused leave is carried over until the end of March.\n"
    "Notebooks are replaced after four years.",
    "Travel\n"
    "The company pays for second class tickets.\n"
    "Meals are paid up to 35 euros a day.\n"
    "Receipts must be handed in within 30 days of the journey.",
)
