"""Pairs of recordings as services describe them, to test the matcher with.

INDEPENDENT_PAIRS was written by an author who had seen neither the matcher nor the pairs that it
was made with; FOLLOW_UP_PAIRS by the same author who knew the matcher's rules: one half before
they were changed because of INDEPENDENT_PAIRS, one half after. At the first run, precision and
recall were 0.880 and 0.772 for INDEPENDENT_PAIRS, and 0.958 and 0.920 for the second half of
FOLLOW_UP_PAIRS (with the old rules 0.826 and 0.760).
"""

from typing import Final, NamedTuple

from music_assistant_models.enums import MediaType

from custom_components.music_assistant.share_links.recording import Recording


class Pair(NamedTuple):
    """Represent two descriptions, and whether they are the same recording."""

    reason: str
    recording: Recording
    candidate: Recording
    is_same: bool


def _build_track(
    title: str, artists: str = "", album: str | None = None, seconds: float | None = None
) -> Recording:
    """Build a track; `artists` are split at " + "."""
    return Recording(title, tuple(artists.split(" + ")) if artists else (), album, seconds)


def _build_album(title: str, artists: str = "") -> Recording:
    """Build an album."""
    return Recording(
        title, tuple(artists.split(" + ")) if artists else (), media_type=MediaType.ALBUM
    )


_SAME: Final = (
    # remasters and reissues: the performance is the same
    (
        "remaster after a dash",
        _build_track("Go Your Own Way", "Fleetwood Mac", "Rumours", 223),
        _build_track(
            "Go Your Own Way - 2004 Remaster", "Fleetwood Mac", "Rumours (Super Deluxe)", 223
        ),
    ),
    (
        "remaster in brackets, elsewhere on a best-of",
        _build_track("Heroes (2017 Remaster)", "David Bowie", "A New Career in a New Town", 371),
        _build_track("“Heroes”", "David Bowie", "Best of Bowie", 370),
    ),
    (
        "two remasters of different years",
        _build_track("Comfortably Numb - 2011 Remastered Version", "Pink Floyd", "The Wall", 382),
        _build_track("Comfortably Numb (Remastered 2016)", "Pink Floyd", "The Wall", 382),
    ),
    (
        "digitally remastered, and a long bracket",
        _build_track("Wuthering Heights", "Kate Bush", "The Kick Inside", 268),
        _build_track(
            "Wuthering Heights (2018 Digital Remaster)", "Kate Bush", "The Kick Inside", 269
        ),
    ),
    (
        "an anniversary edition of the album",
        _build_track("Everlong", "Foo Fighters", "The Colour and the Shape", 250),
        _build_track(
            "Everlong", "Foo Fighters", "The Colour and the Shape (10th Anniversary)", 251
        ),
    ),
    # single, album, compilation
    (
        "single against album",
        _build_track("Blinding Lights", "The Weeknd", "Blinding Lights - Single", 200),
        _build_track("Blinding Lights", "The Weeknd", "After Hours", 200),
    ),
    (
        "on a compilation of many artists",
        _build_track("Take On Me", "a-ha", "Hunting High and Low", 225),
        _build_track("Take on Me", "a‐ha", "Now That's What I Call the 80s", 226),
    ),
    (
        "the album version, said",
        _build_track("Zombie", "The Cranberries", "No Need to Argue", 306),
        _build_track("Zombie (Album Version)", "The Cranberries", "Stars: The Best Of", 306),
    ),
    (
        "original mix is the recording",
        _build_track("Opus", "Eric Prydz", "Opus", 543),
        _build_track("Opus (Original Mix)", "Eric Prydz", "Opus", 543),
    ),
    (
        "explicit is a mark, no version",
        _build_track("HUMBLE.", "Kendrick Lamar", "DAMN.", 177),
        _build_track("HUMBLE. [Explicit]", "Kendrick Lamar", "DAMN. [Explicit]", 177),
    ),
    (
        "from the film, said in the title",
        _build_track("Shallow", "Lady Gaga + Bradley Cooper", "A Star Is Born Soundtrack", 216),
        _build_track(
            "Shallow (From A Star Is Born Soundtrack)", "Lady Gaga, Bradley Cooper", "Shallow", 217
        ),
    ),
    (
        "from the film, with a dash",
        _build_track(
            "Let It Go", "Idina Menzel", "Frozen (Original Motion Picture Soundtrack)", 224
        ),
        _build_track('Let It Go - From "Frozen"/Soundtrack Version', "Idina Menzel", "Frozen", 223),
    ),
    # features and spellings of artists
    (
        "feature in the title against artists",
        _build_track("Umbrella (feat. JAY-Z)", "Rihanna", "Good Girl Gone Bad", 275),
        _build_track("Umbrella", "Rihanna + JAY-Z", "Good Girl Gone Bad", 276),
    ),
    (
        "ft. without brackets",
        _build_track("Old Town Road ft. Billy Ray Cyrus", "Lil Nas X", None, 157),
        _build_track("Old Town Road (feat. Billy Ray Cyrus)", "Lil Nas X", "7 EP", 157),
    ),
    (
        "with, in brackets",
        _build_track("Stay (with Justin Bieber)", "The Kid LAROI", "F*CK LOVE 3", 141),
        _build_track("STAY", "The Kid LAROI + Justin Bieber", "Stay", 141),
    ),
    (
        "feature left out by one of the two",
        _build_track("Uptown Funk", "Mark Ronson", "Uptown Special", 270),
        _build_track(
            "Uptown Funk (feat. Bruno Mars)", "Mark Ronson + Bruno Mars", "Uptown Special", 269
        ),
    ),
    (
        "artists in one string with ampersand",
        _build_track("Under Pressure", "Queen & David Bowie", "Hot Space", 248),
        _build_track("Under Pressure - Remastered 2011", "Queen + David Bowie", "Hot Space", 248),
    ),
    (
        "artists in one string, with x",
        _build_track("Calm Down", "Rema x Selena Gomez", None, 239),
        _build_track("Calm Down (with Selena Gomez)", "Rema + Selena Gomez", "Calm Down", 239),
    ),
    (
        "the artist's article is missing",
        _build_track("Fluorescent Adolescent", "The Arctic Monkeys", None, 177),
        _build_track("Fluorescent Adolescent", "Arctic Monkeys", "Favourite Worst Nightmare", 177),
    ),
    (
        "article behind a comma",
        _build_track("Here Comes the Sun", "Beatles, The", "Abbey Road", 185),
        _build_track("Here Comes The Sun - Remastered 2009", "The Beatles", "Abbey Road", 185),
    ),
    (
        "article of the title is missing",
        _build_track("The Sound of Silence", "Simon & Garfunkel", "Sounds of Silence", 185),
        _build_track(
            "Sound of Silence", "Simon and Garfunkel", "The Best of Simon & Garfunkel", 185
        ),
    ),
    (
        "symbols in a name",
        _build_track("TiK ToK", "Ke$ha", "Animal", 200),
        _build_track("Tik Tok", "Kesha", "Animal", 199),
    ),
    (
        "an exclamation mark in a name",
        _build_track("So What", "P!nk", "Funhouse", 215),
        _build_track("So What", "Pink", "Funhouse", 215),
    ),
    (
        "slash and stop in names",
        _build_track("Thunderstruck", "AC/DC", "The Razors Edge", 292),
        _build_track("Thunderstruck", "ACDC", "The Razors Edge", 293),
    ),
    (
        "another order of artists",
        _build_track("Despacito", "Luis Fonsi + Daddy Yankee", "VIDA", 228),
        _build_track("Despacito (feat. Daddy Yankee)", "Daddy Yankee + Luis Fonsi", "VIDA", 229),
    ),
    (
        "a group with its leader named",
        _build_track("No Woman, No Cry", "Bob Marley & The Wailers", "Natty Dread", 226),
        _build_track("No Woman No Cry", "Bob Marley", "Natty Dread", 227),
    ),
    # letters
    (
        "diacritics",
        _build_track("Hoppípolla", "Sigur Rós", "Takk...", 268),
        _build_track("Hoppipolla", "Sigur Ros", "Takk", 269),
    ),
    (
        "letters that aren't accented ones",
        _build_track("Jón Øl", "Kælan Mikla", None, 190),
        _build_track("Jon Ol", "Kaelan Mikla", None, 190),
    ),
    (
        "umlaut and its two letters",
        _build_track("Männer", "Herbert Grönemeyer", "4630 Bochum", 236),
        _build_track("Maenner", "Herbert Groenemeyer", "4630 Bochum", 236),
    ),
    (
        "sharp s",
        _build_track("Straße", "Deichkind", None, 201),
        _build_track("Strasse", "Deichkind", None, 201),
    ),
    (
        "typographic quotes and dots",
        _build_track("Don’t Stop ’Til You Get Enough", "Michael Jackson", "Off the Wall", 365),
        _build_track("Don't Stop 'Til You Get Enough", "Michael Jackson", "Off The Wall", 366),
    ),
    (
        "ampersand and and",
        _build_track("Me & Bobby McGee", "Janis Joplin", "Pearl", 271),
        _build_track("Me and Bobby McGee", "Janis Joplin", "Pearl", 270),
    ),
    (
        "number in words' place: a part's sign",
        _build_track("Another Brick in the Wall, Pt. 2", "Pink Floyd", "The Wall", 239),
        _build_track("Another Brick in the Wall (Part 2)", "Pink Floyd", "The Wall", 238),
    ),
    (
        "part in Roman numerals",
        _build_track(
            "Shine On You Crazy Diamond (Parts I-V)", "Pink Floyd", "Wish You Were Here", 811
        ),
        _build_track(
            "Shine On You Crazy Diamond (Pts. 1-5)", "Pink Floyd", "Wish You Were Here", 810
        ),
    ),
    (
        "full-width letters",
        _build_track("ＹＵＭＥ", "Ｍｉｌｅｔ", None, 220),
        _build_track("YUME", "milet", None, 220),
    ),
    (
        "the same script on both sides: Cyrillic",
        _build_track("Группа крови", "Кино", "Группа крови", 285),
        _build_track("Группа Крови", "КИНО", "Группа крови (Remastered)", 286),
    ),
    (
        "title in its script with the translation beside",
        _build_track("夜に駆ける", "YOASOBI", "THE BOOK", 261),
        _build_track("夜に駆ける (Racing into the Night)", "YOASOBI", "THE BOOK", 261),
    ),
    (
        "romanised artist beside the written one",
        _build_track("Lemon", "米津玄師", "Lemon", 256),
        _build_track("Lemon", "米津玄師 (Kenshi Yonezu)", "STRAY SHEEP", 256),
    ),
    (
        "Korean title, translated in brackets",
        _build_track("봄날", "BTS (방탄소년단)", "YOU NEVER WALK ALONE", 274),
        _build_track("봄날 (Spring Day)", "BTS", "YOU NEVER WALK ALONE", 274),
    ),
    # classical
    (
        "movement with and without the opus",
        _build_track(
            'Piano Sonata No. 14 in C-Sharp Minor, Op. 27 No. 2 "Moonlight": I. Adagio sostenuto',
            "Ludwig van Beethoven + Wilhelm Kempff",
            "Beethoven: Piano Sonatas",
            343,
        ),
        _build_track(
            'Beethoven: Piano Sonata No.14 In C Sharp Minor, Op.27 No.2 -"Moonlight" - '
            "1. Adagio sostenuto",
            "Wilhelm Kempff",
            "Beethoven: Piano Sonatas Nos. 8, 14, 21 & 23",
            343,
        ),
    ),
    (
        "composer before the work",
        _build_track(
            "Cello Suite No. 1 in G Major, BWV 1007: I. Prélude",
            "Yo-Yo Ma",
            "Six Evolutions",
            141,
        ),
        _build_track(
            "Bach: Cello Suite No. 1 in G Major, BWV 1007: I. Prélude",
            "Yo-Yo Ma + Johann Sebastian Bach",
            "Six Evolutions - Bach: Cello Suites",
            141,
        ),
    ),
    (
        "orchestra and conductor in another order",
        _build_track(
            "Symphony No. 9 in D Minor, Op. 125: IV. Finale",
            "Berliner Philharmoniker + Herbert von Karajan",
            "Beethoven: 9 Symphonies",
            1446,
        ),
        _build_track(
            "Symphony No. 9 in D minor, Op. 125 - IV. Finale",
            "Herbert von Karajan + Berliner Philharmoniker",
            "Karajan: Beethoven",
            1447,
        ),
    ),
    # missing fields
    (
        "a video's title without artist, which has it inside",
        _build_track("Rick Astley - Never Gonna Give You Up (Official Music Video)", "", None, 213),
        _build_track("Never Gonna Give You Up", "Rick Astley", "Whenever You Need Somebody", 214),
    ),
    (
        "a video's channel as artist",
        _build_track("Adele - Someone Like You (Official Music Video)", "AdeleVEVO", None, 285),
        _build_track("Someone Like You", "Adele", "21", 285),
    ),
    (
        "a topic channel",
        _build_track("Dreams (2004 Remaster)", "Fleetwood Mac - Topic", None, 258),
        _build_track("Dreams - 2004 Remaster", "Fleetwood Mac", "Rumours", 257),
    ),
    (
        "official audio in brackets",
        _build_track("Someone You Loved (Official Audio)", "Lewis Capaldi", None, 182),
        _build_track("Someone You Loved", "Lewis Capaldi", "Divinely Uninspired", 182),
    ),
    (
        "lyric video",
        _build_track("Perfect [Official Lyric Video]", "Ed Sheeran", None, 263),
        _build_track("Perfect", "Ed Sheeran", "÷ (Deluxe)", 263),
    ),
    (
        "no duration and no album",
        _build_track("Clocks", "Coldplay"),
        _build_track("Clocks", "Coldplay", "A Rush of Blood to the Head", 307),
    ),
    (
        "the same live recording",
        _build_track("Hotel California - Live On MTV, 1994", "Eagles", "Hell Freezes Over", 432),
        _build_track("Hotel California (Live)", "Eagles", "Hell Freezes Over", 432),
    ),
    (
        "the same remix",
        _build_track("Music Sounds Better With You - Radio Edit", "Stardust", None, 261),
        _build_track("Music Sounds Better With You (Radio Edit)", "Stardust", "Single", 261),
    ),
    (
        "the same remix, its remixer among the artists",
        _build_track("Remember - Tim Green Remix", "ARTBAT + Tim Green", None, 412),
        _build_track("Remember (Tim Green Remix)", "ARTBAT", "Remember", 412),
    ),
    (
        "the same re-recording",
        _build_track("Love Story (Taylor’s Version)", "Taylor Swift", "Fearless (TV)", 235),
        _build_track("Love Story (Taylor's Version)", "Taylor Swift", "Love Story", 236),
    ),
    (
        "an interlude's title has brackets by itself",
        _build_track("(I Can't Get No) Satisfaction - Mono", "The Rolling Stones", None, 223),
        _build_track("(I Can't Get No) Satisfaction (Mono Version)", "Rolling Stones", None, 223),
    ),
    (
        "bonus track",
        _build_track("Summertime Sadness", "Lana Del Rey", "Born to Die", 265),
        _build_track("Summertime Sadness (Bonus Track)", "Lana Del Rey", "Born to Die", 265),
    ),
    # albums
    (
        "album, remastered",
        _build_album("The Dark Side of the Moon", "Pink Floyd"),
        _build_album("The Dark Side Of The Moon (2011 Remastered)", "Pink Floyd"),
    ),
    (
        "album, a mark of explicit",
        _build_album("To Pimp a Butterfly", "Kendrick Lamar"),
        _build_album("To Pimp A Butterfly [Explicit]", "Kendrick Lamar"),
    ),
    (
        "album, EP said in the title",
        _build_album("Five Days - EP", "Bakar"),
        _build_album("Five Days", "Bakar"),
    ),
)

_OTHER: Final = (
    # versions
    (
        "live against studio",
        _build_track("Alive", "Pearl Jam", "Ten", 341),
        _build_track("Alive (Live)", "Pearl Jam", "Live on Two Legs", 346),
    ),
    (
        "live only by the album's name",
        _build_track("Creep", "Radiohead", "Pablo Honey", 238),
        _build_track("Creep", "Radiohead", "Live at the Astoria", 251),
    ),
    (
        "unplugged",
        _build_track("Come As You Are", "Nirvana", "Nevermind", 219),
        _build_track("Come As You Are", "Nirvana", "MTV Unplugged in New York", 253),
    ),
    (
        "two nights",
        _build_track("Fix You (Live in Buenos Aires)", "Coldplay", "Live in Buenos Aires", 331),
        _build_track("Fix You (Live at Glastonbury)", "Coldplay", None, 345),
    ),
    (
        "acoustic",
        _build_track("Layla", "Derek & The Dominos", "Layla", 424),
        _build_track("Layla - Acoustic", "Eric Clapton", "Unplugged", 286),
    ),
    (
        "radio edit against extended",
        _build_track("Strobe", "deadmau5", "For Lack of a Better Name", 637),
        _build_track("Strobe (Radio Edit)", "deadmau5", "Strobe", 215),
    ),
    (
        "extended mix",
        _build_track("One More Time", "Daft Punk", "Discovery", 320),
        _build_track("One More Time (Extended Mix)", "Daft Punk", "One More Time", 480),
    ),
    (
        "remix by another",
        _build_track("Midnight City", "M83", "Hurry Up, We're Dreaming", 244),
        _build_track("Midnight City (Eric Prydz Private Remix)", "M83", "Midnight City", 428),
    ),
    (
        "two remixes",
        _build_track("Finally (Remix by Kings of Tomorrow)", "CeCe Peniston", None, 402),
        _build_track("Finally (David Morales Remix)", "CeCe Peniston", None, 401),
    ),
    (
        "re-recording",
        _build_track("Style", "Taylor Swift", "1989", 231),
        _build_track("Style (Taylor's Version)", "Taylor Swift", "1989 (Taylor's Version)", 231),
    ),
    (
        "re-recorded, said",
        _build_track("Runaway", "Del Shannon", "Runaway with Del Shannon", 139),
        _build_track("Runaway (Re-Recorded)", "Del Shannon", "Greatest Hits", 142),
    ),
    (
        "sped up",
        _build_track("Escapism.", "RAYE + 070 Shake", "Escapism.", 272),
        _build_track("Escapism. (Sped Up)", "RAYE + 070 Shake", "Escapism. (Sped Up)", 237),
    ),
    (
        "slowed and reverb",
        _build_track("Heat Waves", "Glass Animals", "Dreamland", 238),
        _build_track("Heat Waves (slowed + reverb)", "Glass Animals", None, 279),
    ),
    (
        "nightcore",
        _build_track("Bad Apple!!", "Alstroemeria Records", None, 317),
        _build_track("Bad Apple!! (Nightcore)", "Alstroemeria Records", None, 250),
    ),
    (
        "instrumental",
        _build_track("Lose Yourself", "Eminem", "8 Mile", 326),
        _build_track("Lose Yourself (Instrumental)", "Eminem", "Lose Yourself", 326),
    ),
    (
        "a cappella",
        _build_track("Say My Name", "Destiny's Child", None, 271),
        _build_track("Say My Name (Acapella)", "Destiny's Child", None, 270),
    ),
    (
        "demo",
        _build_track("Hyperballad", "Björk", "Post", 321),
        _build_track("Hyperballad - Demo", "Björk", "Post (Rarities)", 320),
    ),
    (
        "alternate take",
        _build_track("So What", "Miles Davis", "Kind of Blue", 545),
        _build_track("So What (Alternate Take)", "Miles Davis", "Kind of Blue (Legacy)", 540),
    ),
    (
        "clean",
        _build_track("Gold Digger (Explicit)", "Kanye West", "Late Registration", 207),
        _build_track("Gold Digger (Clean)", "Kanye West", "Late Registration (Clean)", 207),
    ),
    (
        "orchestral version",
        _build_track("Viva La Vida", "Coldplay", "Viva la Vida", 242),
        _build_track("Viva La Vida (Orchestral Version)", "Coldplay", None, 245),
    ),
    (
        "another mix in stereo",
        _build_track("Strawberry Fields Forever", "The Beatles", "Magical Mystery Tour", 247),
        _build_track("Strawberry Fields Forever (Take 26)", "The Beatles", "Sgt. Pepper", 243),
    ),
    (
        "in another language by the same",
        _build_track("99 Luftballons", "Nena", "Nena", 233),
        _build_track("99 Red Balloons", "Nena", "99 Luftballons", 231),
    ),
    (
        "Spanish version, said",
        _build_track("Chiquitita", "ABBA", "Voulez-Vous", 326),
        _build_track("Chiquitita - Spanish Version", "ABBA", "Gracias por la Música", 329),
    ),
    (
        "French version, in French",
        _build_track("Stolz", "Max Giesinger", None, 200),
        _build_track("Stolz (version française)", "Max Giesinger", None, 201),
    ),
    # not who it says
    (
        "karaoke",
        _build_track("Rolling in the Deep", "Adele", "21", 228),
        _build_track("Rolling in the Deep (Karaoke Version)", "Sing2Piano", None, 228),
    ),
    (
        "in the style of",
        _build_track("Wonderwall", "Oasis", "(What's the Story) Morning Glory?", 259),
        _build_track("Wonderwall (In the Style of Oasis)", "Ameritz", "Karaoke Hits", 258),
    ),
    (
        "originally performed by",
        _build_track("Chandelier", "Sia", "1000 Forms of Fear", 216),
        _build_track("Chandelier (Originally Performed by Sia)", "Sia Tribute Team", None, 216),
    ),
    (
        "tribute band with the name inside",
        _build_track("Waterloo", "ABBA", "Waterloo", 166),
        _build_track("Waterloo", "ABBA Tribute Band", "Tribute to ABBA", 167),
    ),
    (
        "8-bit",
        _build_track("Take Me Out", "Franz Ferdinand", "Franz Ferdinand", 237),
        _build_track("Take Me Out (8-Bit Franz Ferdinand Emulation)", "8-Bit Arcade", None, 237),
    ),
    (
        "lullaby",
        _build_track("Enter Sandman", "Metallica", "Metallica", 331),
        _build_track("Enter Sandman", "Rockabye Baby!", "Lullaby Renditions of Metallica", 240),
    ),
    (
        "piano cover",
        _build_track("Someone Like You", "Adele", "21", 285),
        _build_track("Someone Like You (Piano Cover)", "Piano Dreamers", None, 286),
    ),
    (
        "cover by a known artist",
        _build_track("Hallelujah", "Leonard Cohen", "Various Positions", 279),
        _build_track("Hallelujah", "Jeff Buckley", "Grace", 413),
    ),
    (
        "cover of about the same length",
        _build_track("Nothing Compares 2 U", "Sinéad O'Connor", "I Do Not Want", 307),
        _build_track("Nothing Compares 2 U", "Prince", "The Hits/The B-Sides", 306),
    ),
    (
        "another song of the same title",
        _build_track("Hello", "Adele", "25", 295),
        _build_track("Hello", "Lionel Richie", "Can't Slow Down", 251),
    ),
    (
        "same title and artist, two songs by number",
        _build_track("Untitled", "Interpol", "Turn on the Bright Lights", 236),
        _build_track("Untitled #2", "Interpol", None, 236),
    ),
    (
        "artists that share a word",
        _build_track("Heaven", "Bryan Adams", "Reckless", 243),
        _build_track("Heaven", "Oleta Adams", None, 245),
    ),
    (
        "artist whose name contains another",
        _build_track("Dreams", "Beck", "Colors", 297),
        _build_track("Dreams", "Jeff Beck", None, 296),
    ),
    (
        "the first line of a longer title",
        _build_track("Angel", "Aerosmith", "Permanent Vacation", 307),
        _build_track("Angel's Eye", "Aerosmith", None, 305),
    ),
    (
        "two parts",
        _build_track("Another Brick in the Wall, Pt. 1", "Pink Floyd", "The Wall", 191),
        _build_track("Another Brick in the Wall, Pt. 2", "Pink Floyd", "The Wall", 239),
    ),
    (
        "two parts of about one length",
        _build_track("Marooned, Part One", "The Band of Hope", "Marooned", 240),
        _build_track("Marooned, Part Two", "The Band of Hope", "Marooned", 241),
    ),
    (
        "intro of the song",
        _build_track("Intro", "The xx", "xx", 127),
        _build_track("Intro (Long Version)", "The xx", None, 220),
    ),
    (
        "a reprise",
        _build_track("Sgt. Pepper's Lonely Hearts Club Band", "The Beatles", "Sgt. Pepper", 122),
        _build_track("Sgt. Pepper's Lonely Hearts Club Band (Reprise)", "The Beatles", None, 78),
    ),
    (
        "lengths far apart, nothing said",
        _build_track("Rapper's Delight", "The Sugarhill Gang", None, 875),
        _build_track("Rapper's Delight", "The Sugarhill Gang", "Greatest Hits", 295),
    ),
    # classical
    (
        "two movements",
        _build_track(
            "Symphony No. 5 in C Minor, Op. 67: I. Allegro con brio", "Carlos Kleiber", None, 443
        ),
        _build_track(
            "Symphony No. 5 in C Minor, Op. 67: II. Andante con moto", "Carlos Kleiber", None, 600
        ),
    ),
    (
        "two works of the same form",
        _build_track("Nocturne No. 1 in B-Flat Minor, Op. 9 No. 1", "Arthur Rubinstein", None, 328),
        _build_track("Nocturne No. 2 in E-Flat Major, Op. 9 No. 2", "Arthur Rubinstein", None, 266),
    ),
    (
        "an étude's number",
        _build_track("Étude Op. 10, No. 3", "Maurizio Pollini", "Chopin: Études", 222),
        _build_track("Étude Op. 10, No. 4", "Maurizio Pollini", "Chopin: Études", 121),
    ),
    (
        "two pianists",
        _build_track("Goldberg Variations, BWV 988: Aria", "Glenn Gould", "Goldberg 1955", 113),
        _build_track("Goldberg Variations, BWV 988: Aria", "András Schiff", "Goldberg", 120),
    ),
    (
        "one pianist, two recordings",
        _build_track("Goldberg Variations, BWV 988: Aria", "Glenn Gould", "1955 Recording", 113),
        _build_track("Goldberg Variations, BWV 988: Aria", "Glenn Gould", "1981 Recording", 185),
    ),
    (
        "major and minor",
        _build_track("Prelude and Fugue No. 1 in C Major", "Sviatoslav Richter", None, 250),
        _build_track("Prelude and Fugue No. 2 in C Minor", "Sviatoslav Richter", None, 250),
    ),
    # talk and the like
    (
        "two episodes",
        _build_track("Episode 101: The Beginning", "Hardcore Talk", "Hardcore Talk", 3600),
        _build_track("Episode 102: The End", "Hardcore Talk", "Hardcore Talk", 3610),
    ),
    (
        "commentary",
        _build_track("Shake It Off", "Taylor Swift", "1989", 219),
        _build_track("Shake It Off (Commentary)", "Taylor Swift", "1989 - Big Machine Radio", 120),
    ),
    (
        "a video of somebody else singing",
        _build_track("Adele - Hello (Cover by Leroy Sanchez)", "", None, 290),
        _build_track("Hello", "Adele", "25", 295),
    ),
    (
        "a video, live by its title",
        _build_track("Queen - Radio Ga Ga (Live Aid 1985)", "", None, 340),
        _build_track("Radio Ga Ga", "Queen", "The Works", 343),
    ),
    (
        "a video that reacts",
        _build_track("Reaction to Toto - Africa", "", None, 640),
        _build_track("Africa", "Toto", "Toto IV", 295),
    ),
    (
        "nothing but the title in common",
        _build_track("Home", "", None, None),
        _build_track("Home", "Edward Sharpe & The Magnetic Zeros", "Up From Below", 306),
    ),
    # albums
    (
        "album and its live album",
        _build_album("Nevermind", "Nirvana"),
        _build_album("Nevermind (Live at the Paramount)", "Nirvana"),
    ),
    (
        "album re-recorded",
        _build_album("Red", "Taylor Swift"),
        _build_album("Red (Taylor's Version)", "Taylor Swift"),
    ),
    (
        "album of numbered series",
        _build_album("Greatest Hits", "Queen"),
        _build_album("Greatest Hits II", "Queen"),
    ),
    (
        "self-titled of another band",
        _build_album("Blue", "Joni Mitchell"),
        _build_album("Blue", "LeAnn Rimes"),
    ),
    (
        "album of remixes",
        _build_album("Future Nostalgia", "Dua Lipa"),
        _build_album("Future Nostalgia (The Moonlight Remixes)", "Dua Lipa"),
    ),
    (
        "instrumentals of the album",
        _build_album("The Marshall Mathers LP", "Eminem"),
        _build_album("The Marshall Mathers LP (Instrumentals)", "Eminem"),
    ),
    (
        "album and track of one name",
        _build_album("Thriller", "Michael Jackson"),
        _build_track("Thriller", "Michael Jackson", "Thriller", 358),
    ),
)

_SAME_LATER: Final = (
    (
        "P. for part",
        _build_track("Tubular Bells, Pt. I", "Mike Oldfield", "Tubular Bells", 1530),
        _build_track("Tubular Bells (Part One)", "Mike Oldfield", "Tubular Bells", 1530),
    ),
    (
        "apostrophe dropped",
        _build_track("Rockin' in the Free World", "Neil Young", "Freedom", 281),
        _build_track("Rocking In The Free World", "Neil Young", None, 281),
    ),
    (
        "artist with dollar",
        _build_track("Praise the Lord (Da Shine) (feat. Skepta)", "A$AP Rocky", "TESTING", 205),
        _build_track("Praise The Lord (Da Shine)", "ASAP Rocky + Skepta", "Testing", 206),
    ),
    (
        "Polish letters",
        _build_track("Małomiasteczkowy", "Dawid Podsiadło", "Małomiasteczkowy", 210),
        _build_track("Malomiasteczkowy", "Dawid Podsiadlo", None, 210),
    ),
    (
        "Danish letters",
        _build_track("Smukfest", "MØ", None, 200),
        _build_track("Smukfest", "MO", None, 201),
    ),
    (
        "Topic channel",
        _build_track("Teardrop", "Massive Attack - Topic", None, 330),
        _build_track("Teardrop (2019 Remaster)", "Massive Attack", "Mezzanine", 331),
    ),
    (
        "VEVO channel",
        _build_track("Coldplay - The Scientist (Official 4K Video)", "ColdplayVEVO", None, 310),
        _build_track("The Scientist", "Coldplay", None, 309),
    ),
    (
        "video with en dash",
        _build_track("Toto – Africa (Official HD Video)", "TotoVEVO", None, 272),
        _build_track("Africa", "TOTO", "Toto IV", 275),
    ),
    (
        "movement, arabic",
        _build_track(
            'The Four Seasons, Concerto No. 4 in F Minor, RV 297 "Winter": I. Allegro non molto',
            "Antonio Vivaldi + Janine Jansen",
            None,
            200,
        ),
        _build_track(
            'Violin Concerto in F Minor, RV 297 "Winter" - 1. Allegro non molto',
            "Janine Jansen",
            None,
            200,
        ),
    ),
    (
        "composer prefix",
        _build_track(
            "Chopin: Nocturne No. 2 in E-Flat Major, Op. 9 No. 2", "Maria João Pires", None, 270
        ),
        _build_track(
            "Nocturne No. 2 in E-Flat Major, Op. 9, No. 2",
            "Frédéric Chopin + Maria João Pires",
            None,
            271,
        ),
    ),
    (
        "Gymnopédie",
        _build_track("Gymnopédie No. 1", "Erik Satie + Pascal Rogé", None, 200),
        _build_track("Satie: Gymnopédies: No. 1, Lent et douloureux", "Pascal Rogé", None, 200),
    ),
    (
        "original version",
        _build_track("Torn (Original Version)", "Ednaswap", None, 260),
        _build_track("Torn", "Ednaswap", None, 260),
    ),
    (
        "main version",
        _build_track(
            "Yeah! (Main Version) (feat. Lil Jon & Ludacris)", "USHER", "Confessions", 250
        ),
        _build_track("Yeah!", "USHER + Lil Jon + Ludacris", "Confessions", 250),
    ),
    (
        "Japanese artist both ways",
        _build_track("白日", "King Gnu", "CEREMONY", 276),
        _build_track("白日 (Hakujitsu)", "King Gnu", None, 276),
    ),
    (
        "Korean artist in brackets",
        _build_track("Palette (feat. G-DRAGON)", "아이유 (IU)", "Palette", 217),
        _build_track("Palette", "IU + G-DRAGON", None, 217),
    ),
    (
        "guests as with",
        _build_track("Peaches (feat. Daniel Caesar & Giveon)", "Justin Bieber", None, 198),
        _build_track("Peaches", "Justin Bieber + Daniel Caesar + GIVEON", "Justice", 198),
    ),
    (
        "live, same night spelled differently",
        _build_track("Wish You Were Here (Live at Knebworth 1990)", "Pink Floyd", None, 330),
        _build_track(
            "Wish You Were Here - Live at Knebworth 1990; 2021 Edit",
            "Pink Floyd",
            "Live at Knebworth",
            330,
        ),
    ),
    (
        "live at album, said once",
        _build_track("Hurt", "Johnny Cash", "Live at Folsom", 180),
        _build_track("Hurt (Live at Folsom Prison)", "Johnny Cash", "At Folsom Prison", 180),
    ),
    (
        "same remix by name",
        _build_track("Cola - Mousse T.'s Glitterbox Mix", "CamelPhat + Elderbrook", None, 400),
        _build_track("Cola (Mousse T.’s Glitterbox Mix)", "CamelPhat & Elderbrook", None, 400),
    ),
    (
        "band & leader",
        _build_track("Because the Night", "Patti Smith Group", "Easter", 202),
        _build_track("Because the Night", "Patti Smith", "Easter", 203),
    ),
    (
        "number word",
        _build_track("Seven Nation Army", "The White Stripes", "Elephant", 232),
        _build_track("7 Nation Army", "The White Stripes", "Elephant", 232),
    ),
    (
        "OST",
        _build_track("Skyfall", "Adele", "Skyfall", 286),
        _build_track('Skyfall (From "Skyfall")', "Adele", None, 287),
    ),
    (
        "deluxe album",
        _build_album("Rumours", "Fleetwood Mac"),
        _build_album("Rumours (Super Deluxe)", "Fleetwood Mac"),
    ),
    (
        "subtitle in brackets left out",
        _build_track(
            "Rocket Man (I Think It's Going to Be a Long, Long Time)",
            "Elton John",
            "Honky Château",
            281,
        ),
        _build_track("Rocket Man", "Elton John", "Diamonds", 282),
    ),
    (
        "subtitle with a dash",
        _build_track("Mambo No. 5 (A Little Bit Of...)", "Lou Bega", None, 219),
        _build_track("Mambo No. 5 - A Little Bit Of", "Lou Bega", "A Little Bit of Mambo", 220),
    ),
    (
        "abbreviated saint",
        _build_track("Mt. Washington", "Local Natives", "Hummingbird", 200),
        _build_track("Mount Washington", "Local Natives", "Hummingbird", 200),
    ),
    (
        "single version of a song, both",
        _build_track("Rebel Rebel - Single Version; 2014 Remaster", "David Bowie", None, 267),
        _build_track(
            "Rebel Rebel (Single Version) [2014 Remaster]",
            "David Bowie",
            "Nothing Has Changed",
            267,
        ),
    ),
    (
        "featured artist as main",
        _build_track(
            "Where Are Ü Now (with Justin Bieber)",
            "Jack Ü + Skrillex + Diplo + Justin Bieber",
            None,
            250,
        ),
        _build_track("Where Are U Now", "Skrillex + Diplo + Justin Bieber", None, 251),
    ),
    (
        "artist renamed",
        _build_track(
            "Killing In the Name", "Rage Against the Machine", "Rage Against The Machine - XX", 314
        ),
        _build_track("Killing in the Name", "Rage Against The Machine", None, 313),
    ),
    (
        "Hebrew script, same",
        _build_track("תל אביב", "עומר אדם", None, 210),
        _build_track("תל אביב", "עומר אדם", "תל אביב", 211),
    ),
    (
        "Greek accents",
        _build_track("Ζορμπάς", "Μίκης Θεοδωράκης", None, 260),
        _build_track("Ζορμπας", "Μικης Θεοδωρακης", None, 260),
    ),
    (
        "Turkish dotless i",
        _build_track("Şımarık", "Tarkan", "Ölürüm Sana", 235),
        _build_track("Simarik", "Tarkan", None, 236),
    ),
    (
        "Spanish n",
        _build_track("Mañana", "Álvaro Soler", None, 200),
        _build_track("Manana", "Alvaro Soler", None, 200),
    ),
    (
        "French contraction",
        _build_track("L’Aventurier", "Indochine", "L'Aventurier", 235),
        _build_track("L'aventurier - Version originale", "Indochine", None, 235),
    ),
    (
        "quotes around a title",
        _build_track('"Heroes"', "David Bowie", None, 371),
        _build_track("Heroes", "David Bowie", None, 372),
    ),
    (
        "orchestra named in full",
        _build_track(
            "The Planets, Op. 32: IV. Jupiter, the Bringer of Jollity",
            "Gustav Holst + London Symphony Orchestra + Sir Colin Davis",
            None,
            470,
        ),
        _build_track(
            "The Planets, Op. 32: 4. Jupiter, the Bringer of Jollity",
            "Sir Colin Davis + London Symphony Orchestra + Gustav Holst",
            None,
            470,
        ),
    ),
    (
        "K. and KV",
        _build_track("Requiem in D Minor, K. 626: Lacrimosa", "Mozart + Karl Böhm", None, 250),
        _build_track("Requiem in D minor, KV 626: Lacrimosa", "Mozart + Karl Böhm", None, 250),
    ),
    (
        "soundtrack's artist",
        _build_track("Time", "Hans Zimmer", "Inception (Music from the Motion Picture)", 275),
        _build_track('Time (From "Inception")', "Hans Zimmer", None, 276),
    ),
    (
        "musical's cast",
        _build_track(
            "Alexander Hamilton", "Leslie Odom Jr. + Anthony Ramos + Daveed Diggs", "Hamilton", 236
        ),
        _build_track(
            "Alexander Hamilton",
            "Leslie Odom, Jr. + Anthony Ramos + Daveed Diggs + Original Broadway Cast of Hamilton",
            None,
            236,
        ),
    ),
    (
        "explicit and feature in one bracket",
        _build_track(
            "Lemonade (feat. NAV)", "Internet Money + Gunna + Don Toliver + NAV", None, 195
        ),
        _build_track("Lemonade", "Internet Money + Don Toliver + Gunna + NAV", "B4 The Storm", 195),
    ),
    (
        "duet partner with a comma",
        _build_track("Islands in the Stream", "Dolly Parton, Kenny Rogers", None, 249),
        _build_track(
            "Islands in the Stream (Duet with Kenny Rogers)",
            "Dolly Parton + Kenny Rogers",
            None,
            250,
        ),
    ),
    (
        "emoji and signs",
        _build_track("Bad Bunny - Tití Me Preguntó | Un Verano Sin Ti", "Bad Bunny", None, 243),
        _build_track("Tití Me Preguntó", "Bad Bunny", "Un Verano Sin Ti", 243),
    ),
    (
        "video, year",
        _build_track("a-ha - Take On Me (Official Video) [Remastered in 4K]", "a-ha", None, 244),
        _build_track("Take On Me", "a-ha", None, 242),
    ),
    (
        "censored word",
        _build_track("F**k You", "Lily Allen", None, 213),
        _build_track("Fuck You", "Lily Allen", "It's Not Me, It's You", 213),
    ),
    (
        "plus in artist",
        _build_track("Dog Days Are Over", "Florence + The Machine", "Lungs", 252),
        _build_track("Dog Days Are Over", "Florence and the Machine", "Lungs", 253),
    ),
    (
        "Dutch article",
        _build_track("Het Dorp", "Wim Sonneveld", None, 190),
        _build_track("Het dorp", "Wim Sonneveld", "Het Beste", 191),
    ),
    (
        "album with year",
        _build_album(
            "Buena Vista Social Club (25th Anniversary Edition)", "Buena Vista Social Club"
        ),
        _build_album("Buena Vista Social Club", "Buena Vista Social Club"),
    ),
    (
        "album soundtrack",
        _build_album("Purple Rain (Deluxe Expanded Edition)", "Prince & The Revolution"),
        _build_album("Purple Rain", "Prince"),
    ),
)

_OTHER_LATER: Final = (
    (
        "other orchestra, composer first",
        _build_track(
            "Symphony No. 5 in C Minor, Op. 67: I. Allegro con brio",
            "Ludwig van Beethoven + Carlos Kleiber",
            None,
            443,
        ),
        _build_track(
            "Symphony No. 5 in C Minor, Op. 67: I. Allegro con brio",
            "Ludwig van Beethoven + Herbert von Karajan",
            None,
            440,
        ),
    ),
    (
        "conductor, two orchestras",
        _build_track("Boléro", "Charles Dutoit + Orchestre symphonique de Montréal", None, 920),
        _build_track("Boléro", "Charles Dutoit + NHK Symphony Orchestra", None, 921),
    ),
    (
        "movements by dash",
        _build_track("Piano Sonata No. 8 - 1. Grave", "Alfred Brendel", None, 500),
        _build_track("Piano Sonata No. 8 - 2. Adagio cantabile", "Alfred Brendel", None, 505),
    ),
    (
        "two remixers",
        _build_track("Sing It Back (Boris Dlugosch Mix)", "Moloko", None, 280),
        _build_track("Sing It Back (Can 7 Supermarket Mix)", "Moloko", None, 281),
    ),
    (
        "live years",
        _build_track("Nessun dorma (Live 1990)", "Luciano Pavarotti", None, 180),
        _build_track("Nessun dorma (Live 1994)", "Luciano Pavarotti", None, 181),
    ),
    (
        "live, by the album only, same length",
        _build_track("Times Like These", "Foo Fighters", "One by One", 266),
        _build_track("Times Like These", "Foo Fighters", "Live at Wembley Stadium", 267),
    ),
    (
        "takes",
        _build_track("Blue Train (Take 3)", "John Coltrane", None, 640),
        _build_track("Blue Train (Take 8)", "John Coltrane", None, 641),
    ),
    (
        "edited for radio",
        _build_track("Fuck You", "CeeLo Green", None, 223),
        _build_track("Fuck You (Edited)", "CeeLo Green", None, 223),
    ),
    (
        "vol.",
        _build_album("Now That's What I Call Music! 45", "Various Artists"),
        _build_album("Now That's What I Call Music! 46", "Various Artists"),
    ),
    (
        "karaoke in artist",
        _build_track("Believe", "Cher", "Believe", 239),
        _build_track("Believe", "Cher (Karaoke)", None, 239),
    ),
    (
        "cover crediting the writer",
        _build_track("Hallelujah", "Leonard Cohen", None, 279),
        _build_track("Hallelujah", "Alexandra Burke + Leonard Cohen", None, 217),
    ),
    (
        "remixes album",
        _build_album("Hybrid Theory", "Linkin Park"),
        _build_album("Hybrid Theory (Remixes)", "Linkin Park"),
    ),
    (
        "video: live",
        _build_track("Nirvana - Lithium (Live at Reading 1992)", "NirvanaVEVO", None, 257),
        _build_track("Lithium", "Nirvana", "Nevermind", 257),
    ),
    (
        "video by a fan covering",
        _build_track("Muse - Uprising (drum cover)", "Drumlady", None, 305),
        _build_track("Uprising", "Muse", "The Resistance", 304),
    ),
    (
        "8D audio",
        _build_track("Bury a Friend (8D Audio)", "Billie Eilish", None, 193),
        _build_track("bury a friend", "Billie Eilish", None, 193),
    ),
    (
        "orchestra version of band",
        _build_track("One (Live with the SFSO)", "Metallica", None, 470),
        _build_track("One", "Metallica", None, 446),
    ),
    (
        "lofi",
        _build_track("Pink + White (Lofi)", "Frank Ocean", None, 184),
        _build_track("Pink + White", "Frank Ocean", None, 184),
    ),
    (
        "Part one and two as words",
        _build_track("Echoes, Part One", "Pink Floyd", None, 700),
        _build_track("Echoes, Part Two", "Pink Floyd", None, 700),
    ),
    (
        "cover by a singer with the same last name",
        _build_track("Fever", "Peggy Lee", None, 200),
        _build_track("Fever", "Amos Lee", None, 201),
    ),
    (
        "spoken",
        _build_track("Hotel California", "Eagles", None, 391),
        _build_track("Hotel California (Spanish Mix)", "Gipsy Kings", None, 345),
    ),
    (
        "symphonic metal",
        _build_track("Nothing Else Matters", "Metallica", None, 388),
        _build_track("Nothing Else Matters (S&M Version)", "Metallica", "S&M", 407),
    ),
    (
        "VIP",
        _build_track("Gold Dust", "DJ Fresh", None, 193),
        _build_track("Gold Dust (Shy FX Re-Edit)", "DJ Fresh", None, 245),
    ),
    (
        "2.0",
        _build_track("Wake Me Up", "Avicii", "True", 247),
        _build_track("Wake Me Up - Avicii by Avicii", "Avicii", "True: Avicii by Avicii", 300),
    ),
    (
        "Christmas",
        _build_track("Last Christmas", "Wham!", None, 263),
        _build_track("Last Christmas (Pudding Mix)", "Wham!", None, 405),
    ),
    (
        "remix named otherwise",
        _build_track("Blue Monday", "New Order", None, 449),
        _build_track("Blue Monday '88", "New Order", None, 246),
    ),
    (
        "version of the year",
        _build_track("Enjoy the Silence", "Depeche Mode", None, 373),
        _build_track("Enjoy the Silence 04", "Depeche Mode", None, 340),
    ),
    (
        "nick of a song",
        _build_track("Song 2", "Blur", "Blur", 122),
        _build_track("Song 3", "Blur", None, 122),
    ),
    (
        "interlude",
        _build_track("Ghost", "Halsey", None, 150),
        _build_track("Ghost (Room 93 Version)", "Halsey", None, 158),
    ),
    (
        "tribute album",
        _build_track("Suzanne", "Leonard Cohen", None, 229),
        _build_track("Suzanne", "The Tribute Beat", "A Tribute to Leonard Cohen", 229),
    ),
    (
        "workout mix",
        _build_track("Titanium", "David Guetta + Sia", None, 245),
        _build_track("Titanium (Workout Mix)", "Power Music Workout", None, 270),
    ),
    (
        "music box",
        _build_track("My Heart Will Go On", "Céline Dion", None, 280),
        _build_track("My Heart Will Go On (Music Box)", "Melody the Music Box", None, 281),
    ),
    (
        "MTV unplugged with the same length",
        _build_track("Plush", "Stone Temple Pilots", "Core", 310),
        _build_track("Plush", "Stone Temple Pilots", "MTV Unplugged", 308),
    ),
    (
        "daughter's duet",
        _build_track("Unforgettable", "Nat King Cole", None, 192),
        _build_track("Unforgettable (Duet)", "Natalie Cole + Nat King Cole", None, 211),
    ),
    (
        "acoustic in the title, no brackets",
        _build_track("Everlong", "Foo Fighters", None, 250),
        _build_track("Everlong Acoustic", "Foo Fighters", None, 251),
    ),
    (
        "two preludes",
        _build_track("Prelude in E Minor, Op. 28 No. 4", "Martha Argerich", None, 120),
        _build_track("Prelude in B Minor, Op. 28 No. 6", "Martha Argerich", None, 122),
    ),
    (
        "Aria by two orchestras",
        _build_track(
            "Messiah, HWV 56: Hallelujah", "George Frideric Handel + The English Concert", None, 230
        ),
        _build_track(
            "Messiah, HWV 56: Hallelujah", "George Frideric Handel + The Sixteen", None, 231
        ),
    ),
    (
        "two live albums of a band",
        _build_track("Whole Lotta Love (Live)", "Led Zeppelin", "How the West Was Won", 1386),
        _build_track("Whole Lotta Love (Live)", "Led Zeppelin", "The Song Remains the Same", 865),
    ),
    (
        "German version by its title",
        _build_track("Sie liebt dich", "The Beatles", None, 139),
        _build_track("She Loves You", "The Beatles", None, 141),
    ),
    (
        "podcast parts",
        _build_track("The Trial (Part 1)", "History Daily", None, 1800),
        _build_track("The Trial (Part 2)", "History Daily", None, 1805),
    ),
    (
        "album of b-sides",
        _build_album("OK Computer", "Radiohead"),
        _build_album("OK Computer OKNOTOK 1997 2017", "Radiohead"),
    ),
    (
        "album volume",
        _build_album("Watermark, Vol. 1", "Various Artists"),
        _build_album("Watermark, Vol. 2", "Various Artists"),
    ),
    (
        "album live",
        _build_album("Unplugged", "Eric Clapton"),
        _build_album("Slowhand", "Eric Clapton"),
    ),
)

# What is still told wrongly: a test fails when one of these becomes right.
KNOWN: Final = frozenset(
    {
        "movement, arabic",  # the composer is named on one side only, and the work otherwise
        "Gymnopédie",
        "live, same night spelled differently",  # "2021 Edit" is no edit
        "featured artist as main",  # a duo named beside its members
        "censored word",
    }
)

INDEPENDENT_PAIRS: Final = (
    *(Pair(why, ours, theirs, True) for why, ours, theirs in _SAME),
    *(Pair(why, ours, theirs, False) for why, ours, theirs in _OTHER),
)
FOLLOW_UP_PAIRS: Final = (
    *(Pair(why, ours, theirs, True) for why, ours, theirs in _SAME_LATER),
    *(Pair(why, ours, theirs, False) for why, ours, theirs in _OTHER_LATER),
)
