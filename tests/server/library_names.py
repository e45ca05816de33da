"""Names and words for the demo's music; every name is invented."""

ARTISTS = (
    "Élodie Marchvent",
    "Ørka & the Tin Lanterns",
    "漢字ドライブ",
    "نجوم الرصيف",
    "Papaya Static",
    "Mosswater Quartet",
    "DJ Kelpforest",
    "The Velvet Abacus",
    "Žofie Brambůrek",
    "Saltmarsh Radio Choir",
    "Nine Dull Spoons",
    "Tomás Quillfeather",
)
ALBUMS = (
    "Lanterns at Low Tide",
    "Første Frost",
    "夜の自転車",
    "مدينة من ورق",
    "Static Fruit 🍊",
    "String Theory for Ducks",
    "Undertow Disco",
    "Counting Softly",
    "Večer bez bot",
    "Shipping Forecasts, Vol. 2",
    "Dishwater Blues",
    "Feathers/Ledgers",
)
TRACKS = (
    "Crème de la brume",
    "Smørrebrød at Midnight",
    "終電のあと",
    "قهوة باردة",
    "Übermorgen",
    "Don't Feed the Metronome",
    "¿Quién movió la luna?",
    "(Not) Another Interlude",
    "99 Umbrellas",
    "Łódka",
)
ADJECTIVES = (
    "Paper", "Copper", "Quiet", "Borrowed", "Electric", "Hollow", "Northern", "Velvet",
    "Crooked", "Second-hand", "Luminous", "Patient", "Salted", "Invisible", "Slow", "Tangerine",
    "Distant", "Rusty", "Gentle", "Unlikely", "Midnight", "Feral", "Polite", "Winter",
)  # fmt: skip
NOUNS = (
    "Lanterns", "Harbour", "Bicycle", "Orchard", "Signal", "Kitchen", "Staircase", "Meadow",
    "Thunder", "Postcard", "Escalator", "Tangle", "Compass", "Greenhouse", "Sparrow", "Umbrella",
    "Motorway", "Teapot", "Avalanche", "Window", "Carousel", "Glacier", "Footnote", "Balloon",
)  # fmt: skip
TAILS = (
    "", "at Dawn", "for Two", "in Reverse", "(Reprise)", "of Rain", "No. 5", "Underwater",
    "Without You", "by the Sea", "Again", "on Sunday",
)  # fmt: skip
GENRES = (
    "Folktronica", "Chamber Pop", "Night Jazz", "Dust Rock", "Ambient", "Kitchen Disco",
    "Harbour Blues", "Électro-Musette", "Slow Techno", "Choral",
)  # fmt: skip
PLAYLISTS = (
    "Sunday Pancakes", "Focus: No Words", "Été indien", "Running Late", "Rain on Tin",
    "Straße bei Nacht", "晩ごはん", "Long Way Home",
)  # fmt: skip
RADIOS = (
    "Harbour FM", "Radio Fjellvind", "Night Bus Radio", "Rádio Maré Alta", "夜行列車FM",
    "Static & Tea", "Radio Gänseblümchen", "The Weather Channel for Plants",
)  # fmt: skip
PODCASTS = (
    ("Small Machines", "Workbench Audio"),
    ("Was die Wand weiß", "Kellerkino"),
    ("The Slow Map", "Left at the Lighthouse"),
)
EPISODES = (
    "The Hinge", "A Drawer Full of Keys", "Who Winds the Clock?", "Steam, Mostly", "Zwölf Türen",
    "The Wrong Bridge", "Two Kinds of Glue", "Live from the Shed",
)  # fmt: skip
AUDIOBOOKS = (
    ("The Clockmaker's Orchard", "Imre Vandersloot", "Oda Fennimore"),
    ("Der stille Kanal", "Hedwig Möwenstein", "Ruprecht Aalglatt"),
    ("Seven Ways to Fold a River", "Thandeka Rosewire", "Pia Lundqvarn"),
)
LYRICS = (
    "The {noun} hums a tune tonight",
    "I left my {noun} in the light",
    "Oh {adjective} heart, oh {adjective} road",
    "We carried half a river's load",
    "And every {noun} knows the way",
    "To be {adjective} for one more day",
)
GUEST = ("The Unborrowed", ("Library Card", "Overdue"))  # on the streaming service only
