"""English: what the rules were made for and measured on."""

from recto.text.languages.language import (
    ContentsWords,
    KindWords,
    Language,
    NumberWords,
    PlaceWords,
    PolarityWords,
    QuestionWords,
    in_order,
    meanings,
    units,
    words,
)

POLARITY = PolarityWords(
    negations=words("not no never none nor neither without cannot nothing nobody nowhere hardly"),
    negating_determiners=words("no neither"),
    clause_openers=words("but unless except if when while because although though which who that until"),
    undirected=words(
        "a an the this that these those it its they their them he she his her we you i is are was were be been being "
        "am has have had do does did will would shall should can could may might must of to in on at by for from with "
        "as and or so than then there here such any all each every some also only just very more most other into onto "
        "about over whether part"
    ),
    opposites=(
        (
            "increase rise rose risen grow grew grown gain raise climb higher",
            "decrease fall fell fallen decline drop reduce lower shrink shrank",
        ),
        ("more greater exceed above over", "fewer less below under"),
        ("maximum most", "minimum least"),
        ("before precede prior earlier", "after follow later subsequent"),
        ("enable activate", "disable deactivate"),
        ("allow permit authorize may", "prohibit forbid forbidden ban disallow"),
        ("require mandatory obligatory must", "optional voluntary"),
        ("include contain", "exclude omit"),
        ("always", "never"),
        ("set", "clear"),
        ("accept approve", "deny refuse"),
        ("open", "close"),
        ("start begin", "stop end"),
        ("read", "write"),
        ("load", "store"),
        ("input", "output"),
        ("profit", "loss"),
        ("asset", "liability"),
        ("buy purchase acquire", "sell sold"),
        ("success succeed", "failure fail"),
        ("true", "false"),
        ("present", "absent"),
        ("first", "last"),
        ("internal", "external"),
        ("signed", "unsigned"),
        ("valid", "invalid"),
        ("support endorse", "oppose reject"),
        ("fast faster", "slow slower"),
        ("early", "late"),
        ("left", "right"),
        ("up", "down"),
        ("positive", "negative"),
        ("safe", "unsafe"),
        ("high", "low"),
        ("long longer", "short shorter"),
        ("hot", "cold"),
        ("inside within", "outside"),
        ("debit", "credit"),
        ("lender", "borrower"),
        ("seller", "buyer"),
        ("tenant", "landlord"),
    ),
    negating_prefixes=("un", "in", "im", "ir", "non", "dis", "mis", "contra"),
)

NUMBERS = NumberWords(
    small=in_order(
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
        "seventeen eighteen nineteen"
    ),
    tens=in_order("twenty thirty forty fifty sixty seventy eighty ninety"),
    synonyms={"single": 1},
    scales={
        "hundred": 2,
        "thousand": 3,
        "thousands": 3,
        "mn": 6,
        "million": 6,
        "millions": 6,
        "bn": 9,
        "billion": 9,
        "billions": 9,
        "tn": 12,
        "trillion": 12,
        "trillions": 12,
    },
    money_scales={"k": 3, "m": 6, "mm": 6, "b": 9},
    units=units("""
        % 1 percent pct per_cent
        points 1 pp percentage percentages percentage_point percentage_points
        $ 1 dollar dollars
        ¥ 1 yen
        time 1e-9 nanosecond nanoseconds
        time 1e-6 microsecond microseconds
        time 0.001 msec millisecond milliseconds
        time 1 sec secs second seconds
        time 60 mins minute minutes
        time 3600 hr hrs hour hours
        time 86400 day days
        time 604800 week weeks
        months 1 month months
        months 12 year years yr yrs
        length 1e-9 nanometre nanometres nanometer nanometers
        length 1e-6 micron microns
        length 0.001 millimetre millimetres millimeter millimeters
        length 0.01 centimetre centimetres centimeter centimeters
        length 1 metre metres meter meters
        length 1000 kilometre kilometres kilometer kilometers
        inches 1 inch inches
        inches 12 ft foot feet
        miles 1 mile miles
        area 1 square_metre square_metres square_meter square_meters
        area 10000 hectare hectares
        area 1e6 square_kilometre square_kilometres square_kilometer square_kilometers
        square_feet 1 square_foot square_feet
        square_miles 1 square_mile square_miles
        mass 1e-6 mcg microgram micrograms
        mass 0.001 milligram milligrams
        mass 1 gram grams
        mass 1000 kilogram kilograms
        mass 1e6 ton tons tonne tonnes
        pounds 1 lb lbs
        volume 0.001 milliliter milliliters millilitre millilitres
        volume 1 liter liters litre litres
        power 0.001 milliwatt milliwatts
        power 1 watt watts
        power 1000 kilowatt kilowatts
        power 1e6 megawatt megawatts
        voltage 0.001 millivolt millivolts
        voltage 1 volt volts
        voltage 1000 kilovolt kilovolts
        current 0.001 milliamp milliamps
        current 1 amp amps ampere amperes
        bits 1 bit bits
        bytes 1 byte bytes
        bytes 1024 kilobyte kilobytes
        bytes 1048576 megabyte megabytes
        bytes 1073741824 gigabyte gigabytes
        bytes 1099511627776 terabyte terabytes
    """),
)

QUESTIONS = QuestionWords(
    prepositions=words(
        "as in on at for by of to from with without under over per since until before after during between within "
        "against through including excluding about"
    ),
    determiners=words("the a an any all each every its their his her this that these those"),
    interrogatives=words("what which who whom whose how when where why"),
    helping_verbs=words("do does did can could will would shall should may might must"),
    auxiliaries=words("is are was were be been being has have had"),
    clause_openers=words("and or but if when because before after while that which unless so whether until once than"),
    possessives=words("its their his her theirs hers"),
    pronouns=words("it he she they him them this that these those there then one ones itself themselves"),
    saying_verbs=words("say says said tell mean means meant mention know show"),
    comparisons=words("than compared compare versus vs relative difference"),
    fillers=words(
        "also else more much many only just even far ok okay please now again same too really still instead other "
        "others another former latter rest some happen happens happened work works explain elaborate continue detail "
        "details example examples give long often come let lets question answer sure thing things case year years "
        "quarter month page previous prior preceding following next last ago earlier later whole thanks thank yes"
    ),
    connectives=words("and or but also plus only just not"),
    places=words(
        "africa america americas antarctica apac argentina asia australia austria belgium brazil britain bulgaria "
        "california canada chile china colombia croatia czechia denmark egypt emea england estonia eu europe finland "
        "france germany greece hungary iceland india indonesia iran iraq ireland israel italy japan kenya korea "
        "kuwait latvia lithuania london luxembourg malaysia mexico netherlands nigeria norway oceania pakistan paris "
        "peru philippines poland portugal qatar romania russia scotland serbia singapore slovakia slovenia spain "
        "sweden switzerland taiwan texas thailand uk ukraine usa vietnam wales"
    ),
    alternatives=words("or"),
    up_to=words("to through until"),
    idle=words(
        "answer answers question following follows follow excerpt excerpts document documents text given provided "
        "called named stated said yes occur occurs occurred happen happens happened"
    ),
    capital_places=words("US U.S States Kingdom Turkey Georgia Jordan Chad York"),
)

CONTENTS = ContentsWords(
    phrases=words("abbreviation abbreviations abbreviated acronym acronyms changelog")
    | {
        "table of contents",
        "contents page",
        "list of figures",
        "list of tables",
        "in the index",
        "stand for",
        "stands for",
        "short for",
        "change log",
        "change history",
        "which page",
        "what page",
    },
    asking=words("which what many list name all"),
    parts=words("chapter chapters section sections heading headings figure figures table tables appendix appendices"),
    changes=words("changed change changes new added removed revised differ difference differences history"),
)

PLACES = PlaceWords(
    parts=meanings("""
        table table tables tab.
        figure figure figures fig fig. figs. chart diagram
        section section sections sec. sect. subsection §
        chapter chapter chapters ch. chap.
        appendix appendix appendices annex annexe annexes app.
        note note notes footnote
        item item items
        step step steps
        article article articles art.
        clause clause clauses
        paragraph paragraph paragraphs para para.
        part part parts
        rule rule rules
        schedule schedule schedules
        exhibit exhibit exhibits
        equation equation equations eq eq.
        example example examples
        box box boxes
        algorithm algorithm algorithms
        listing listing
        unit unit units
        lesson lesson lessons
        module module modules
        exercise exercise exercises
        principle principle principles
        volume volume
    """),
    pages={
        **dict.fromkeys(["first page", "front page", "cover page", "title page", "opening page", "front cover"], 0),
        **dict.fromkeys(["on the cover", "the cover says", "the cover say", "the cover show", "the cover shows"], 0),
        **{"second page": 1, "third page": 2, "second-last page": -2},
        **dict.fromkeys(["last page", "final page", "closing page", "back cover", "back page"], -1),
    },
    compounds=words("letter letters story stories charge charges song girl news views rank ranking"),
    documents=words(
        "document documents pdf pdfs file files report paper handbook manual book booklet brochure leaflet guide text "
        "contract agreement letter presentation slides slide deck talk publication study thesis memo minutes policy "
        "invoice bill statement specification datasheet flyer guideline guidelines essay magazine newsletter lease "
        "filing material materials content contents upload"
    ),
    overviews=words(
        "about summarise summarize summary summaries overview outline gist topic topics subject theme synopsis "
        "recap abstract structure purpose tldr finding takeaway takeaways points highlights "
        "essentials"
    ),
    facts=meanings("""
        title title titled name called
        author author authors writer writers presenter presenters speaker speakers lecturer byline
        date date dated
    """),
    issuing=words(
        "wrote written write presented presents published publish issued released prepared authored compiled created "
        "drafted made"
    ),
    persons=words("who whom"),
    times=words("when year date"),
    singling=words("which who whom whose how when where why"),
    requests=words(
        "show shows shown give gives list lists read reads quote print see open explain describe describes contain "
        "contains present presents stands written find found look me us please got get main key important whole full "
        "entire short brief briefly quick happens hold holds caption captions heading headings title covered cover "
        "covers here there i want need like"
    ),
    bylines=words("by author authors author: authors: presenter: speaker: written presented prepared"),
    closings=words("sincerely faithfully truly regards wishes respectfully cordially"),
    abstracts=words("abstract summary introduction overview preface foreword purpose scope"),
)

BASES = meanings("""
    begin began begun
    break broke broken
    bring brought
    build built
    buy bought
    choose chose chosen
    come came
    draw drew drawn
    drive drove driven
    fall fell fallen
    find found
    forbid forbade forbidden
    get got gotten
    give gave given
    go went gone
    grow grew grown
    hold held
    keep kept
    know knew known
    lead led
    leave left
    lend lent
    lose lost
    make made
    mean meant
    meet met
    pay paid
    rise rose risen
    run ran
    see saw seen
    seek sought
    sell sold
    send sent
    show shown
    speak spoke spoken
    spend spent
    stand stood
    take took taken
    teach taught
    tell told
    think thought
    throw threw thrown
    wear wore worn
    win won
    write wrote written
""")

KINDS = KindWords(
    asking=words("what which"),
    copulas=words("is are was were will would does do did has have had could shall"),
    nouns=meanings("""
        money price prices cost costs fee fees salary wage rent fine budget deposit premium
        date date day year deadline
        percent percentage percent interest_rate tax_rate growth_rate
        temperature temperature
        frequency frequency
        voltage voltage
        mass weight
        telephone telephone_number telephone_no phone_number phone_no phone fax_number mobile_number
        mail e-mail_address email_address e-mail email mail_address
    """),
    openings=meanings("""
        temperature how_hot how_cold how_warm
        mass how_heavy
        money how_expensive
        date what_time at_what_time
        person who whom whose to_whom by_whom with_whom from_whom
        place where
    """),
    # Relations of adjectives and what they are attributes of: Open English WordNet.
    measures=meanings("""
        noise how_loud how_noisy
        weight how_heavy
        width how_wide
        height how_tall
        depth how_deep
        thickness how_thick
        distance how_far
        length how_long_is how_long_are
    """),
    numbers=frozenset({"what number", "which number"}),
    places=words("place location venue address room site"),
    calling=words("call ring phone dial"),
    figures=words("number offset size"),
    codes=words("code identifier"),
    number=frozenset({"how many"}),
    duration=frozenset({"how long", "for how long"}),
    numberless=words("no none never every all any each unlimited nobody several"),
    when=words("when") | {"since when", "by when", "until when", "from when"},
    amounts=frozenset({"how much"}),
    paying=words("cost costs pay pays paid earn earns earned charge charged owe owes owed"),
    goods=words("for"),
    currencies=words("dollar dollars euro euros pound pounds crown crowns franc francs cents pence rupees yen yuan"),
    times=words(
        "monday tuesday wednesday thursday friday saturday sunday today tomorrow yesterday day days week weeks month "
        "months year years annually yearly monthly weekly daily hour hours minute minutes spring summer autumn winter "
        "before after when once until till while during immediately soon every upon"
    ),
)

ENGLISH = Language(
    code="en",
    name="English",
    stemmer="english",
    stop_words=words(
        "a an and are as at be but by for if in into is it no not of on or such that the their then there these they "
        "this to was will with what which who whom how when where why does do did has have had can could would should "
        "you your i we our us me my from than been being were its it's s t about"
    ),
    # Those of general English, and what filings and manuals add to them.
    abbreviations=words(
        "mr mrs ms dr st inc co corp vs jr sr e.g i.e etc al fig figs vol pp gen lt col sen rep ltd approx cf "
        "eq sec ch dept eds incl excl jan feb apr jun jul aug sep sept oct nov dec"
    ),
    numbering_abbreviations=words("no nos ref"),
    months=in_order("january february march april may june july august september october november december"),
    leaning_words=words(
        "he she it they this that these those its their his her such however therefore thus hence moreover "
        "furthermore instead otherwise consequently accordingly conversely nevertheless also both but and or so then"
    )
    | {"in that case", "in this case", "for this reason", "as a result", "in addition"},
    total_words=words("total totals sum overall altogether combined whole"),
    comparing_words=words(
        "highest lowest most least largest smallest biggest best worst longest shortest fewest greatest maximum "
        "minimum all every each list rank ranked compare compared"
    ),
    page_words=words("page pages pg pg. pgs pgs. p. pp."),
    range_words=words("to and through"),
    version_words=words("version versions ver revision revisions rev release releases v"),
    contents=CONTENTS,
    polarity=POLARITY,
    numbers=NUMBERS,
    questions=QUESTIONS,
    places=PLACES,
    kinds=KINDS,
    bases=BASES,
)
