/** The few texts that are shown before the card is loaded. */

const TEXTS = {
  dashboard: {
    de: "Musik",
    en: "Music",
    es: "Música",
    fr: "Musique",
    it: "Musica",
    nl: "Muziek",
  },
  card_description: {
    de: "Was läuft, die Warteschlange, die Bibliothek und alle Player von Music Assistant.",
    en: "What plays, the queue, the library and all players of Music Assistant.",
    es: "Lo que suena, la cola, la biblioteca y todos los reproductores de Music Assistant.",
    fr: "Ce qui passe, la file d'attente, la bibliothèque et tous les lecteurs de Music Assistant.",
    it: "Cosa suona, la coda, la libreria e tutti i lettori di Music Assistant.",
    nl: "Wat er speelt, de wachtrij, de bibliotheek en alle spelers van Music Assistant.",
  },
  dashboard_description: {
    de: "Player, die gerade spielen, alle Player nach Bereich, Favoriten und zuletzt Gespieltes.",
    en: "Players that play now, all players by area, favorites and what was played lately.",
    es: "Reproductores que suenan ahora, todos por área, favoritos y lo escuchado últimamente.",
    fr: "Les lecteurs en cours, tous les lecteurs par pièce, les favoris et les écoutes récentes.",
    it: "I lettori in riproduzione, tutti i lettori per area, i preferiti e gli ascolti recenti.",
    nl: "Spelers die nu spelen, alle spelers per ruimte, favorieten en wat laatst is gespeeld.",
  },
} satisfies Record<string, Record<string, string>>;

const pageLanguage = (): string => document.documentElement.lang || navigator.language;

/** Return a text, in the language of the page unless another one is given. */
export function pickerText(key: keyof typeof TEXTS, language = pageLanguage()): string {
  const texts: Readonly<Record<string, string | undefined>> = TEXTS[key];
  return texts[language.split("-")[0] ?? ""] ?? TEXTS[key].en;
}
