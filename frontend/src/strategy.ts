/** The dashboard: made of the players that there are, anew whenever those change. */

import { findAlarms, type Alarm } from "./alarms.js";
import { CARD_TYPE } from "./config.js";
import type { HomeAssistant } from "./ha.js";
import { loadTexts, localize, type TextKey, type Values } from "./localize.js";
import { pickerText } from "./picker.js";
import { areaOf, playersIn, type Player } from "./players.js";

type Config = Record<string, unknown>;

const PLAYING = ["playing", "buffering"];
/** What a condition takes a missing attribute for. */
const MISSING = ["unknown", "unavailable"];

/** Return the dashboard's configuration. */
export async function generateDashboard(hass: HomeAssistant): Promise<Config> {
  const [alarms] = await Promise.all([findAlarms(hass), loadTexts(hass.language)]);
  const t: Translate = (key, values) => localize(hass.language, key, values);
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
      ...alarmViews(hass, alarms, t),
    ],
  };
}

const card = (options: Config): Config => ({ type: CARD_TYPE, ...options });
type Translate = (key: TextKey, values?: Values) => string;

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
function areaCards(hass: HomeAssistant, players: readonly Player[], t: Translate): Config[] {
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

/** Return the view of the alarms; without any, it tells who can make one how to. */
function alarmViews(hass: HomeAssistant, alarms: readonly Alarm[], t: Translate): Config[] {
  if (!alarms.length && !hass.user?.is_admin) return [];
  const hint = t("no_alarms", { link: "/config/blueprint/dashboard" });
  return [
    {
      type: "sections",
      title: t("alarms"),
      path: "alarms",
      icon: "mdi:alarm",
      max_columns: 3,
      sections: alarms.length
        ? alarms.map(alarmSection)
        : [section([heading(t("alarms"), "mdi:alarm"), { type: "markdown", content: hint }])],
    },
  ];
}

/** Return an alarm's switch, and when it rings: each schedule shows when its next block begins. */
const alarmSection = ({ automation, schedules }: Alarm): Config =>
  section([
    tile(automation, {
      icon: "mdi:alarm",
      features: [{ type: "toggle" }],
      features_position: "inline",
    }),
    ...schedules.map((id) => tile(id, { state_content: "next_event" })),
  ]);
const tile = (entity: string, options: Config): Config => ({
  type: "tile",
  entity,
  grid_options: { columns: 12 },
  ...options,
});

/** Players without an area come last. */
const sortKey = (name: string | undefined): string => name ?? "\uffff";
