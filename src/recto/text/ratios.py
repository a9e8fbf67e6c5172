"""Figures that are worked out: a report prints current assets and current liabilities, and rarely a quick ratio.

Who asks for such a figure looks for what it is worked out from. The definitions are those that financial analysis uses
everywhere, as in OpenStax, Principles of Finance (2022), chapter 6.
"""

import re

# Names, and the lines of financial statements that they are worked out from or go by there.
_LINES = {
    "quick ratio, acid test": "total current assets, inventories, total current liabilities",
    "current ratio, working capital": "total current assets, total current liabilities",
    "cash ratio": "cash and cash equivalents, total current liabilities",
    "operating cash flow ratio": "net cash provided by operating activities, total current liabilities",
    "free cash flow, fcf": "net cash provided by operating activities, purchases of property, plant and equipment",
    "cash conversion cycle": "inventories, accounts receivable, accounts payable, cost of sales",
    "days inventory outstanding, days of inventory, dio, inventory turnover": "inventories, cost of sales",
    "days sales outstanding, dso, receivable turnover, receivables turnover": "accounts receivable, net sales",
    "days payable outstanding, days payables outstanding, dpo": "accounts payable, inventories, cost of sales",
    "asset turnover": "total assets, net sales, revenue",
    "fixed asset turnover": "property, plant and equipment, net sales, revenue",
    "return on assets, roa": "net income, total assets",
    "return on equity, roe": "net income, total stockholders' equity",
    "return on capital, return on invested capital, roic, roce": "operating income, total debt, stockholders' equity",
    "gross margin, gross profit margin": "net sales, cost of sales, gross profit",
    "operating margin, operating profit margin": "operating income, total net sales, revenue",
    "net margin, profit margin, net profit margin, net income margin": "net income, total net sales, revenue",
    "ebit": "net income, interest expense, provision for income taxes",
    "ebitda": "net income, interest expense, provision for income taxes, depreciation and amortization",
    "payout ratio, retention ratio": "dividends paid, net income",
    "debt to equity, leverage ratio, gearing": "total debt, total liabilities, total stockholders' equity",
    "interest coverage": "operating income, interest expense",
    "effective tax rate": "provision for income taxes, income before income taxes",
    "capital expenditure, capex": "capital expenditures, purchases of property, plant and equipment, additions",
    "capital intensive, capital intensity": "capital expenditures, property, plant and equipment, total assets",
    "pp&e, ppe, ppne": "property, plant and equipment",
    "cogs": "cost of goods sold, cost of sales",
    "sg&a": "selling, general and administrative expenses",
    "r&d": "research and development",
    "d&a": "depreciation and amortization",
}
_LINES_OF = {name: lines for names, lines in _LINES.items() for name in names.split(", ")}
_LONGEST_FIRST = "|".join(sorted(_LINES_OF, key=len, reverse=True)).replace(" ", "[ -]")
_NAME = re.compile(rf"(?<!\w)(?:{_LONGEST_FIRST})(?=s?(?!\w))", re.IGNORECASE)


def spelled_out(question: str) -> str:
    """The question, and behind it the lines that the figures named in it are worked out from."""
    names = (match.group().lower().replace("-", " ") for match in _NAME.finditer(question))
    return "\n".join([question, *dict.fromkeys(_LINES_OF[name] for name in names)])
