/** The dashboard: made of the players that there are, anew whenever those change. */

import { CARD_TYPE } from "./config.js";
import type { HomeAssistant } from "./ha.js";
import { loadTexts, localize, type TextKey } from "./localize.js";
import { pickerText } from "./picker.js";
import { areaOf, playersIn, type Player } from "./players.js";

type Config = Record<string, unknown>;

const PLAYING = ["playing", "buffering"];
/** What a condition takes a missing attribute for. */
const MISSING = ["unknown", "unavailable"];

/** Return the dashboard's configuration. */
export async function generateDashboard(hass: HomeAssistant): Promise<Config> {
  await loadTexts(hass.language);
  const t = (key: TextKey): string => localize(hass.language, key);
  const players = playersIn(hass);
  const title = pickerText("dashboard", hass.language);
  return {
    title,
    views: [
      {
        type: "sections",
        title,
        path: "music",
        icon: "mdi:music",
        max_columns: 3,
        dense_section_placement: true,
        sections: [
          playingSection(players, t("now_playing_section")),
          section([card({ grid_options: { columns: 12, rows: 10 } })]),
          section(areaCards(hass, players, t)),
          section([heading(t("favorites"), "mdi:heart"), shelf("favorites")]),
          section([heading(t("recently_played"), "mdi:history"), shelf("recently_played")]),
        ],
      },
    ],
  };
}

const card = (options: Config): Config => ({ type: CARD_TYPE, ...options });
const section = (cards: Config[], options: Config = {}): Config => ({
  type: "grid",
  cards,
  ...options,
});
const heading = (text: string, icon: string): Config => ({ type: "heading", heading: text, icon });
const shelf = (library: string): Config =>
  card({ views: ["library"], library, grid_options: { columns: 12, rows: 8 } });
const row = (player: Player, rows = 1): Config =>
  card({
    entity: player.entityId,
    views: ["now_playing"],
    grid_options: { columns: 12, rows },
  });
/** Players that play along with another one have its queue; they are not told of once more. */
const whilePlaying = ({ entityId: entity, playerId }: Player): Config => ({
  condition: "and",
  conditions: [
    { condition: "state", entity, state: PLAYING },
    ...(playerId
      ? [
          {
            condition: "state",
            entity,
            attribute: "active_queue",
            state: [playerId, ...MISSING],
          },
        ]
      : []),
  ],
});

/** Return what is there only while something plays, each player only while it does. */
function playingSection(players: readonly Player[], title: string): Config {
  return section(
    [
      heading(title, "mdi:play-circle"),
      ...players.map((player) => ({ ...row(player, 2), visibility: [whilePlaying(player)] })),
    ],
    { visibility: [{ condition: "or", conditions: players.map(whilePlaying) }] },
  );
}

/** Return all players, those of each area under its name. */
function areaCards(
  hass: HomeAssistant,
  players: readonly Player[],
  t: (key: TextKey) => string,
): Config[] {
  const byArea = new Map<string, Player[]>();
  for (const player of players) {
    const area = areaOf(hass, player.entityId) ?? "";
    byArea.set(area, [...(byArea.get(area) ?? []), player]);
  }
  const named = [...byArea].map(([id, inArea]) => ({ area: hass.areas[id], inArea }));
  named.sort((a, b) => sortKey(a.area?.name).localeCompare(sortKey(b.area?.name)));
  const other = t(named.length > 1 ? "other_players" : "players_section");
  return named.flatMap(({ area, inArea }) => [
    heading(area?.name ?? other, area?.icon ?? (area ? "mdi:texture-box" : "mdi:speaker")),
    ...inArea.map((player) => row(player)),
  ]);
}

/** Players without an area come last. */
const sortKey = (name: string | undefined): string => name ?? "\uffff";
