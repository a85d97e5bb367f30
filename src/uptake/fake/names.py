"""Made-up people's names from many places, each with the way it is spelled in an address. Nobody real is meant."""

from __future__ import annotations

import numpy as np

Name = tuple[str, str]
"""As shown, and as spelled in an e-mail address."""

# fmt: off
GIVEN: tuple[Name, ...] = (
    ("Ada", "ada"), ("Amélie", "amelie"), ("Björn", "bjoern"), ("Chloé", "chloe"), ("Dragana", "dragana"),
    ("Elif", "elif"), ("Fatima", "fatima"), ("Goran", "goran"), ("Hana", "hana"), ("Íñigo", "inigo"), ("Jürgen", "juergen"),
    ("Katarzyna", "katarzyna"), ("Łukasz", "lukasz"), ("María José", "mariajose"), ("Noah", "noah"), ("Olga", "olga"),
    ("Priya", "priya"), ("Quentin", "quentin"), ("Rohan", "rohan"), ("Søren", "soren"), ("Thu Hà", "thuha"), ("Uma", "uma"),
    ("Vojtěch", "vojtech"), ("Wanjirũ", "wanjiru"), ("Xiomara", "xiomara"), ("Yusuf", "yusuf"), ("Zoë", "zoe"),
    ("Aisha", "aisha"), ("Bruno", "bruno"), ("Carmen", "carmen"), ("Diego", "diego"), ("Emma", "emma"), ("Felix", "felix"),
    ("Grace", "grace"), ("Hugo", "hugo"), ("Ingrid", "ingrid"), ("James", "james"), ("Kofi", "kofi"), ("Linh", "linh"),
    ("Mateus", "mateus"), ("Nadia", "nadia"), ("Oliver", "oliver"), ("Paula", "paula"), ("Rachel", "rachel"),
    ("Samuel", "samuel"), ("Tomás", "tomas"), ("Viktor", "viktor"), ("Wei", "wei"), ("Yuki", "yuki"), ("Zeynep", "zeynep"),
    ("محمد", "mohammed"), ("ליאור", "lior"), ("さくら", "sakura"), ("伟", "wei"), ("Дмитрий", "dmitri"), ("Ελένη", "eleni"),
    ("प्रिया", "priya"), ("지우", "jiwoo"),
)

FAMILY: tuple[Name, ...] = (
    ("Álvarez", "alvarez"), ("Bauer", "bauer"), ("Chen", "chen"), ("Dlamini", "dlamini"), ("Eriksson", "eriksson"),
    ("Fischer", "fischer"), ("García Márquez", "garciamarquez"), ("Hoffmann", "hoffmann"), ("Ito", "ito"), ("Jansen", "jansen"),
    ("Kowalski", "kowalski"), ("Lefèvre", "lefevre"), ("Müller", "mueller"), ("Nguyễn", "nguyen"), ("O'Brien", "obrien"),
    ("Petrović", "petrovic"), ("Quispe", "quispe"), ("Rossi", "rossi"), ("Śliwińska", "sliwinska"), ("Tanaka", "tanaka"),
    ("Usman", "usman"), ("van der Berg", "vanderberg"), ("Wójcik", "wojcik"), ("Xu", "xu"), ("Yılmaz", "yilmaz"),
    ("Zhang", "zhang"), ("Adeyemi", "adeyemi"), ("Brown", "brown"), ("Costa", "costa"), ("Dubois", "dubois"),
    ("Evans", "evans"), ("Ferreira", "ferreira"), ("Gupta", "gupta"), ("Haddad", "haddad"), ("Ivanova", "ivanova"),
    ("Johansson", "johansson"), ("Kim", "kim"), ("López", "lopez"), ("Mensah", "mensah"), ("Novák", "novak"),
    ("Okafor", "okafor"), ("Park", "park"), ("Ramírez", "ramirez"), ("Singh", "singh"), ("Taylor", "taylor"),
    ("Virtanen", "virtanen"), ("Weber", "weber"), ("Yamamoto", "yamamoto"), ("Þórsdóttir", "thorsdottir"),
    ("الحسن", "alhassan"), ("כהן", "cohen"), ("佐藤", "sato"), ("王", "wang"), ("Соколова", "sokolova"),
    ("Wolfeschlegelsteinhausenbergerdorff-Featherstonehaugh", "wolfeschlegel"),
    ("Rakotomalala-Andrianampoinimerina", "rakotomalala"),
)
# fmt: on

DOMAINS = ("halden.example", "halden-labs.example")


def names(rng: np.random.Generator, count: int) -> tuple[list[str], list[str]]:
    """`count` names and as many addresses, no two alike whatever the case, sorted by address in lower case."""
    given = rng.integers(0, len(GIVEN), count).tolist()
    family = rng.integers(0, len(FAMILY), count).tolist()
    habit = rng.random(count).tolist()
    second = (rng.random(count) < 0.04).tolist()
    taken: dict[str, int] = {}
    people = []
    for first, last, how, domain in zip(given, family, habit, second, strict=True):
        shown, spelled = GIVEN[first], FAMILY[last]
        local = f"{shown[1]}.{spelled[1]}"
        number = taken[local] = taken.get(local, 0) + 1
        people.append((_address(local, number, how, DOMAINS[domain]), f"{shown[0]} {spelled[0]}"))
    people.sort(key=lambda person: person[0].lower())
    return [name for _, name in people], [address for address, _ in people]


def _address(local: str, number: int, how: float, domain: str) -> str:
    """Some people use plus-parts, and upstream keeps the capitals that somebody typed once."""
    numbered = local if number == 1 else f"{local}{number}"
    if how < 0.02:
        return f"{numbered}+claude@{domain}"
    if how < 0.10:
        return f"{numbered.title()}@{domain.capitalize()}"
    return f"{numbered}@{domain}"
