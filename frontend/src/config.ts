/** The card's options. */

export const VIEWS = ["now_playing", "queue", "library", "players"] as const;
export type View = (typeof VIEWS)[number];

export const SHELVES = ["home", "favorites", "recently_played", "recommendations"] as const;
export type Shelf = (typeof SHELVES)[number];

export interface CardConfig {
  readonly type: string;
  /** A player; whatever plays if it is left out. */
  readonly entity?: string;
  readonly views?: readonly View[];
  /** What the library begins with. */
  readonly library?: Shelf;
  /** In pixels, where the dashboard leaves it to the card. */
  readonly height?: number;
}

export const CARD = "music-assistant-card";
export const CARD_TYPE = `custom:${CARD}`;

const isOneOf =
  (values: readonly string[]) =>
  (value: unknown): boolean =>
    typeof value === "string" && values.includes(value);

/** What each option has to be: a test, and what is said if it fails. */
const CHECKS: readonly [keyof CardConfig, (value: unknown) => boolean, string][] = [
  ["entity", (value) => /^media_player\.\w+$/.test(String(value)), "a media player"],
  [
    "views",
    (value) => Array.isArray(value) && value.every(isOneOf(VIEWS)),
    `a list of ${VIEWS.join(", ")}`,
  ],
  ["library", isOneOf(SHELVES), `one of ${SHELVES.join(", ")}`],
  ["height", (value) => Number(value) > 0, "a number of pixels"],
];

/** Raise an error, which Home Assistant shows in place of the card, if an option is wrong. */
export function checkConfig(config: CardConfig): void {
  for (const [name, test, expected] of CHECKS)
    if (config[name] && !test(config[name])) throw new Error(`${name}: ${expected} is expected`);
}

export const viewsOf = (config: CardConfig): readonly View[] =>
  config.views?.length ? config.views : VIEWS;
