"""The words of invented news: places, people, and sentences about events, each event told in several ways."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from random import Random


def _list(text: str) -> tuple[str, ...]:
    return tuple(text.split(","))


PLACES = _list(
    "Kharkiv,Kherson,Odesa,Sumy,Nikopol,Kupiansk,Pokrovsk,Chernihiv,Mykolaiv,Zaporizhzhia,Izium,Vovchansk,Bakhmut,Lyman,Toretsk,"
    "Belgorod,Kursk,Bryansk,Taganrog,Shebekino,Aleppo,Idlib,Homs,Hama,Latakia,Deraa,Raqqa,Palmyra,Mosul,Kirkuk,Basra,Erbil,Tikrit,"
    "Hodeidah,Marib,Taiz,Aden,Saada,Khartoum,Omdurman,Nyala,Kassala,Atbara,Port Sudan,Goma,Bukavu,Beni,Uvira,Mogadishu,Kismayo,"
    "Baidoa,Maiduguri,Kaduna,Sokoto,Gao,Timbuktu,Kidal,Ouahigouya,Niamey,Diffa,Mekelle,Gondar,Axum,Kabul,Herat,Kandahar,Kunduz,"
    "Quetta,Peshawar,Swat,Myitkyina,Lashio,Sittwe,Mandalay,Marawi,Jolo,Wonsan,Sunan,Sinpo,Kusong,Sohae,Tongchang,Yeonpyeong,"
    "Incheon,Sokcho,Gyeongju,Keelung,Kinmen,Matsu,Penghu,Tripoli,Misrata,Sirte,Benghazi,Derna,Sabha,Rafah,Khan Younis,Jenin,"
    "Nablus,Tulkarm,Tyre,Sidon,Nabatieh,Baalbek,Stepanakert,Goris,Kapan,Batumi,Poti,Sukhumi,Transnistria,Tiraspol,Pristina,Mitrovica"
)

_HEADS = _list("Var,Dem,Kol,Zar,Mir,Tal,Bor,Ost,Gal,Nov,Sar,Ker,Lum,Pel,Rud,Tor,Vel,Yar,Jas,Hal,Orm,Ish,Ach,Ubr,Elz")
_TAILS = _list("osk,bala,inka,ograd,ashan,ime,uri,evo,abad,ekh,onta,usha,itsy,ando,yama,erne,okul,ista,ungu,alia")
PLACES = (*PLACES, *(head + tail for head in _HEADS for tail in _TAILS))  # five hundred towns that are on no map

FIRST = _list(
    "Olena,Taras,Oksana,Bohdan,Iryna,Maksym,Darya,Pavlo,Leyla,Tariq,Samira,Yusuf,Nadia,Hamid,Farah,Idris,Amina,Kwame,Zainab,Moussa,"
    "Ji-woo,Min-jun,Seo-yeon,Hyun-woo,Mei,Wei,Akira,Haruka,Anil,Priya,Rafael,Lucia,Marek,Zofia,Jonas,Greta,Viktor,Anneli,Pieter,Sanne"
)

LAST = _list(
    "Koval,Melnyk,Shevchuk,Tkach,Bondar,Lysenko,Haddad,Khoury,Nasser,Darwish,Saleh,Osman,Diallo,Traore,Okafor,Abebe,Tesfaye,Rahimi,"
    "Karimi,Sharif,Baek,Yoon,Jang,Kwon,Takeda,Morita,Rao,Menon,Herrera,Molina,Nowak,Wrona,Vogel,Lindt,Kask,Tamm,Visser,Bakker"
)

SPOTS = _list(
    "a grain store,the railway yard,a school,the market square,a bus depot,an oil depot,the river port,a clinic,a bakery,a bridge,"
    "the power station,a block of flats,a water tower,a warehouse,the airfield,a customs post,a tyre factory,the post office"
)

PARTS = ("before dawn", "in the morning", "at noon", "in the afternoon", "in the evening", "late at night")

VOICES = ("regional governor", "police chief", "army spokesman", "mayor", "rescue service", "hospital director")


@dataclass(frozen=True, slots=True)
class Event:
    """What happened: all that a text about it may say."""

    kind: str
    place: str
    number: int
    spot: str
    voice: str
    name: str
    part: str
    town: str  # a second place that the text names
    other: int  # a second number


@dataclass(frozen=True, slots=True)
class Telling:
    """A title, a lead and a longer text."""

    title: str
    lead: str
    body: str


_KINDS: dict[str, tuple[tuple[str, ...], str]] = {
    "shelling": (
        (
            "{number} killed as shells hit {place}",
            "Shelling of {place} leaves {number} dead",
            "{place}: shells strike {spot}, {number} dead",
        ),
        "Artillery shells struck {spot} in {place} {part}, killing {number} people, {voice} {name} said.",
    ),
    "drones": (
        (
            "Drone attack on {place} damages {spot}",
            "Drones hit {spot} in {place}",
            "{number} drones shot down over {place}",
        ),
        "A swarm of {number} drones attacked {place} {part} and damaged {spot}, according to {voice} {name}.",
    ),
    "missile": (
        (
            "Missile strikes {spot} in {place}",
            "Missile attack on {place} wounds {number}",
            "{place} hit by missile, {number} wounded",
        ),
        "A missile hit {spot} in {place} {part}; {number} people were wounded, said {name}, {voice}.",
    ),
    "blast": (
        ("Explosion at {spot} in {place}", "Blast in {place} injures {number}", "{number} hurt in {place} explosion"),
        "An explosion at {spot} in {place} {part} injured {number} people, {voice} {name} told reporters.",
    ),
    "seizure": (
        (
            "Police seize {number} rifles in {place}",
            "{number} rifles found at {spot} in {place}",
            "Weapons cache uncovered in {place}",
        ),
        "Police found {number} assault rifles hidden at {spot} in {place} {part}, {voice} {name} announced.",
    ),
    "shipment": (
        (
            "Freighter with {number} containers of shells docks in {place}",
            "{place} port unloads {number} containers of munitions",
            "Munitions ship reaches {place}",
        ),
        "A freighter carrying {number} containers of artillery shells moored in {place} {part}, {name} of the {voice}'s office said.",
    ),
    "rockets": (
        (
            "Rockets fired at {place} from {town}",
            "{number} rockets land near {place}",
            "Rocket fire from {town} reaches {place}",
        ),
        "At least {number} rockets fired from the direction of {town} landed near {spot} in {place} {part}, {voice} {name} said.",
    ),
}

_MORE = (
    "Residents near {spot} were told to stay away while crews searched the ruins.",
    "{name} said that {other} families had been taken to {town} for the night.",
    "The road between {place} and {town} was closed for {other} hours.",
    "A witness who gave only a first name spoke of a loud noise and smoke over {spot}.",
    "It is the first such incident in {place} since the agreement signed in {town}.",
    "Electricity failed in {other} streets, the operator said, and repairs would take a day.",
    "Hospitals in {town} made {other} beds free, said {name}.",
)

_IDLE = (
    "{place} opens its winter fair with {number} stalls",
    "{name} wins the {town} marathon",
    "Bread prices in {place} fall by {number} per cent",
    "New library for {place} after {number} years of planning",
    "{town} and {place} play to a draw",
    "{name} named head of the {place} orchestra",
    "Trams return to {place} after {number} weeks",
    "Snow expected in {place} and {town}",
    "{place} council debates {spot}",
)

UPDATES = ("toll", "denial", "correction", "status")


def event(rng: Random) -> Event:
    """Return an event drawn at random."""
    place, town = rng.sample(PLACES, 2)
    return Event(
        kind=rng.choice(list(_KINDS)),
        place=place,
        number=rng.randint(2, 60),
        spot=rng.choice(SPOTS),
        voice=rng.choice(VOICES),
        name=f"{rng.choice(FIRST)} {rng.choice(LAST)}",
        part=rng.choice(PARTS),
        town=town,
        other=rng.randint(3, 90),
    )


def tell(event: Event, form: int = 0, rng: Random | None = None) -> Telling:
    """Return the event in one of three forms; with `rng` the longer text has sentences of its own."""
    titles, lead = _KINDS[event.kind]
    more = _MORE if rng is None else tuple(rng.sample(_MORE, 4))
    return Telling(_say(titles[form % 3], event), _say(lead, event), " ".join(_say(one, event) for one in more))


def update(event: Event, kind: str, form: int = 0) -> tuple[Event, Telling]:
    """Return the event as it stands after an update of a kind of `UPDATES`, and the text that says so."""
    titles, lead = _KINDS[event.kind]
    told = Telling(_say(titles[form % 3], event), _say(lead, event), "")
    after = _changed(event, event.number + 1 + event.other % 7)
    match kind:
        case "toll":
            first = f"The toll of the incident at {event.spot} in {event.place} rose to {after.number}, from {event.number}. "
            title = f"{event.place}: toll rises to {after.number} after {event.kind} at {event.spot}"
            return after, Telling(title, first + _say(lead, after), _say(_MORE[2], event))
        case "denial":
            first = f"{event.name} denied that there had been {event.kind} at {event.spot} in {event.place}. "
            return event, Telling(
                f"{event.voice.capitalize()} denies {event.kind} in {event.place}", first + told.lead, ""
            )
        case "correction":
            first = (
                f"An earlier version of this report gave a wrong number; it was {after.number}, not {event.number}. "
            )
            return after, Telling(f"Correction: {_say(titles[form % 3], after)}", first + _say(lead, after), "")
        case _:
            first = (
                f"{event.spot.capitalize()} in {event.place} was open again after the {event.kind}, {event.name} said. "
            )
            return event, Telling(f"All clear in {event.place} after {event.kind}", first + told.lead, "")


def idle(rng: Random) -> Telling:
    """Return a text on which no rule about arms fires."""
    one = event(rng)
    title = _say(rng.choice(_IDLE), one)
    return Telling(
        title, f"{title}, as {one.name} told the local paper {one.part}.", f"More about this from {one.town} soon."
    )


def stamp(moment: datetime) -> str:
    """Return a moment as the dashboard of an outlet writes it."""
    return f"{moment:%d %B %Y, %H:%M}"


def _changed(event: Event, number: int) -> Event:
    return Event(
        event.kind,
        event.place,
        number,
        event.spot,
        event.voice,
        event.name,
        event.part,
        event.town,
        event.other,
    )


def _say(text: str, event: Event) -> str:
    return text.format(
        number=event.number,
        place=event.place,
        spot=event.spot,
        voice=event.voice,
        name=event.name,
        part=event.part,
        town=event.town,
        other=event.other,
    )
