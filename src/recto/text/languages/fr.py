"""French."""

from recto.text.languages.language import (
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

FRENCH = Language(
    code="fr",
    name="French",
    decimal_comma=True,
    stemmer="french",
    stop_words=words(
        "le la les l un une des du de d et ou à au aux en dans sur sous par pour avec sans ce cet cette ces c est sont "
        "était étaient être été a ont avait avaient qui que qu quoi dont où quand comment combien pourquoi quel quelle "
        "quels quelles il elle ils elles on se s son sa ses leur leurs ne n pas plus mais comme y lui nous vous je j m "
        "t même aussi"
    ),
    elisions=words("l d c qu n s j m t jusqu lorsqu puisqu quoiqu"),
    cased_abbreviations=words("tél Tél av bd réf éd MM Mgr Dr Pr St Ste"),
    months=in_order("janvier février mars avril mai juin juillet août septembre octobre novembre décembre"),
    leaning_words=words(
        "il elle ils elles ce cette cet ces cela ceci c son sa ses leur leurs celui-ci celle-ci ceux-ci cependant "
        "toutefois donc ainsi néanmoins également mais et ou puis alors ensuite"
    )
    | {"par conséquent", "en outre", "de plus", "les deux", "dans ce cas", "pour cette raison"},
    polarity=PolarityWords(
        negations=words("pas jamais sans aucun aucune"),
        negating_determiners=words("aucun aucune"),
        clause_openers=words("mais"),
        undirected=words("le la les un une est sont et ou"),
    ),
    numbers=NumberWords(
        scales={"milliard": 9, "milliards": 9},
        units=units("""
            % 1 pour_cent
            time 3600 heure heures
            time 86400 jour jours
            time 604800 semaine semaines
            months 1 mois
            months 12 ans années
            length 1 mètres
            mass 1 gramme
        """),
    ),
    questions=QuestionWords(
        prepositions=words("en pour"), fillers=words("et"), connectives=words("et"), up_to=words("à")
    ),
    places=PlaceWords(
        parts=meanings("""
            table tableau tableaux
            figure figure figures schéma
            section section sections rubrique
            chapter chapitre chapitres
            appendix annexe annexes
            note note notes
            step étape étapes
            article article articles
            clause clause clauses
            paragraph paragraphe alinéa
            part partie
            example exemple
        """),
        pages={
            **dict.fromkeys(["première page", "page de couverture", "page de titre", "la couverture"], 0),
            **{"deuxième page": 1, "dernière page": -1, "quatrième de couverture": -1},
        },
        documents=words("document fichier rapport manuel livre contrat facture brochure exposé présentation lettre"),
        closings=words("cordialement sincèrement salutations"),
        singling=words("quel quelle quels quelles qui où quand comment pourquoi combien"),
        overviews=words("résumé résume résumer résumez sujet aperçu synthèse traite parle thème"),
        facts=meanings("""
            title titre
            author auteur auteurs autrice auteure orateur
            date date
        """),
        issuing=words("écrit rédigé publié publiée présenté"),
        persons=words("qui"),
        times=words("quand"),
        requests=words(
            "que qu quoi quel quelle quels quelles dit dis montre montrez contient lire lis trouve trouver est a ce "
            "cet cette ces le la les l d de du des un une moi donne donnez à au aux en sur dans y il s se été présente "
            "décrit fais faites"
        ),
        bylines=words("par auteur auteur: auteurs:"),
        abstracts=words("résumé introduction préface synthèse objet"),
    ),
    kinds=KindWords(
        openings=meanings("""
            mail adresse_e-mail adresse_mail adresse_électronique courriel quel_courriel
            mass combien_pèse combien_pèsent quel_est_le_poids quel_poids
            percent quel_est_le_taux quel_pourcentage quel_taux
            person qui
            power quelle_est_la_puissance quelle_puissance
            telephone numéro_de_téléphone quel_numéro_appeler quel_numéro_faut-il_appeler quel_téléphone
            telephone à_quel_numéro
            temperature combien_de_degrés quelle_est_la_température quelle_température
        """),
        number=frozenset({"combien d", "combien de", "quel est le nombre", "quel nombre"}),
        duration=frozenset(
            {
                "combien de temps",
                "pendant combien",
                "quel délai",
                "quel est le préavis",
                "quelle est la durée",
                "sous combien de temps",
            }
        ),
        when=words("quand")
        | {
            "depuis quand",
            "en quelle année",
            "jusqu'à quand",
            "quel jour",
            "quelle année",
            "quelle heure",
            "à quelle date",
            "à quelle heure",
        },
        amounts=frozenset(
            {
                "combien a coûté",
                "combien coûte",
                "combien coûtent",
                "combien faut-il payer",
                "quel est le loyer",
                "quel est le montant",
                "quel est le prix",
                "quel loyer",
                "quel montant",
                "quel prix",
            }
        ),
        currencies=words("euros francs"),
        times=words(
            "aujourd'hui demain dimanche heure heures hier jeudi lundi mardi mercredi mois samedi semaine vendredi"
        ),
    ),
)
