"""A handbook in two columns, written for this project; in `tests`, `python -m support.sample_pdf` makes its PDF.

The first page is drawn column by column, the second across both, line by line, as some programs do; the third has a
table.
"""

from pathlib import Path
from textwrap import wrap

from support.paths import HERE
from support.pdfs import Line, Sheet, pdf

PDF = HERE / "data" / "questions" / "elm-court-handbook.pdf"
COLUMNS = 60, 320  # points from the left
WIDTH = 48  # characters of a line
TOP, STEP, SIZE = 700, 13, 9.5

FIRST = (
    """# The lift
The lift carries eight people or 630 kilograms. It is inspected on the first Tuesday of April and October, and
stands still from nine until noon on those days. If it stops between floors, press the yellow button for three
seconds: the call goes to the service company, whose technician arrives within forty minutes. Do not try to open the
doors.
# Bicycles and prams
Bicycles belong in the cellar room behind the boiler. Each flat has two hooks; the numbers above them are those of
the flats. A bicycle that has stood outside the room for more than four weeks gets a red tag, and is given to the
parish workshop a month later. Prams may stay in the hall as long as the escape route keeps a width of 120
centimetres.
# Keys
Every household received four keys to the front door. A lost key must be reported to the caretaker on the same day,
because the lock can be recoded from her office. A new key costs 35 crowns; recoding the lock costs 180 crowns,
which the household that lost the key pays.""",
    """# The laundry
The laundry in the basement is open from seven in the morning until nine at night. Put your name into the book at
most two weeks ahead. Whoever is more than twenty minutes late loses the turn. Dyeing clothes in the machines is
forbidden, since the colour spoils the next wash. The dryer's filter is emptied by each user; a full filter set off
the smoke alarm in the spring of 2019.
# The roof terrace
The terrace is for everybody, but not for barbecues with charcoal: sparks have scorched the wooden deck. Electric
grills are allowed. After ten in the evening please speak softly, for the bedrooms of the fifth floor lie right
below. At most thirty people may be on the terrace at once, as the engineer's report of 2016 demands.
# Waste
Paper is collected on Mondays, glass on the second Friday of the month, and food waste on Wednesdays and Saturdays.
Batteries go into the grey box beside the letter boxes, never into a bin.""",
)
SECOND = (
    """# Heating
The boiler is started on the first of October and shut down at the end of April. Between those dates the rooms can
be kept at twenty-one degrees. Radiators that gurgle hold air: the caretaker bleeds them free of charge. Cover no
radiator with curtains. If a flat stays empty in winter, leave the valves on the snowflake, so that the pipes cannot
burst.
# Water
The meters in the kitchens are read by radio in the last week of December. A dripping tap wastes some 6,000 litres a
year. Before you leave for longer than three days, shut the valve under the sink. The hardness of the water is 14
degrees; kettles therefore need vinegar about once a month.
# Pets
Cats and small animals need no permission. For a dog, ask the board in writing; it answers within three weeks. Dogs
are kept on a lead in the yard. Parrots were banned in 2012 after a vote of nineteen to four.""",
    """# Guests and letting
Guests may stay for six weeks without notice. Letting a whole flat to tourists needs the board's consent, which it
gives for at most sixty nights a year. The garage space must not be let to people from outside the house.
# Building work
Drilling and hammering are allowed on working days from eight to twelve and from two to six, never on Sundays. Work
on supporting walls needs the opinion of a structural engineer. Tell your neighbours two days ahead with a note in
the hall. The house pays for windows; the household pays for the floors.
# In an emergency
If you smell gas, do not switch any light on or off. Open the windows, close the main tap at the left of the front
door, and leave. Meet the others under the chestnut tree across the street. The defibrillator hangs on the ground
floor, next to the lift. Water that comes through the ceiling: ring the flat above first, then the caretaker.""",
)
FEES = """What is paid for, in crowns
Size of flat            Monthly charge    Reserve fund    Parking
One room                      1,240             310           95
Two rooms                     1,860             465           95
Three rooms                   2,415             605           95
Attic flat                    2,980             745         none"""
LAST = """# The board
The board has five members and meets on the last Thursday of every second month. The yearly assembly takes place in
May; motions must reach the board by the fifteenth of March. Decisions on money above 40,000 crowns need two thirds
of the votes. The charges below are due on the fifth of each month. Whoever pays late owes half a percent for each
week that has begun."""


def handbook() -> bytes:
    """The PDF's bytes."""
    head: list[Line] = [(60, 740, 16, "Elm Court: a handbook for residents")]
    first, second = (
        [line for text, x in zip(page, COLUMNS, strict=True) for line in _column(text, x)] for page in (FIRST, SECOND)
    )
    across = sorted(second, key=lambda line: (-line[1], line[0]))
    return pdf(Sheet([*head, *first]), Sheet(across), Sheet([*_column(LAST, 60), *_table(FEES, 500)]))


def _column(text: str, x: float) -> list[Line]:
    lines: list[Line] = []
    for part in text.split("# ")[1:]:
        heading, _, prose = part.partition("\n")
        y = TOP - STEP * (len(lines) + 1)
        lines.append((x, y, 11, heading))
        lines += [(x, y - STEP * (n + 1), SIZE, line) for n, line in enumerate(wrap(prose, WIDTH))]
    return lines


def _table(text: str, y: float) -> list[Line]:
    title, *rows = text.split("\n")
    cells = [[cell.strip() for cell in (row[:20], row[20:40], row[40:56], row[56:])] for row in rows]
    placed = [
        (60.0 + 120 * n, y - 16 * (m + 1), SIZE, cell) for m, row in enumerate(cells) for n, cell in enumerate(row)
    ]
    return [(60, y, 11, title), *placed]


if __name__ == "__main__":
    Path(PDF).write_bytes(handbook())
