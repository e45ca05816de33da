/** What a media player's state says, as the card shows it. */

import type { HassEntity, HomeAssistant } from "./ha.js";

export const DOMAIN = "music_assistant";

/** Home Assistant's media player features. */
export const Feature = {
  PAUSE: 1,
  SEEK: 2,
  VOLUME_SET: 4,
  VOLUME_MUTE: 8,
  PREVIOUS_TRACK: 16,
  NEXT_TRACK: 32,
  TURN_ON: 128,
  TURN_OFF: 256,
  PLAY_MEDIA: 512,
  STOP: 4096,
  PLAY: 16384,
  SHUFFLE_SET: 32768,
  REPEAT_SET: 262144,
  GROUPING: 524288,
} as const;

export type Repeat = "off" | "one" | "all";

export interface Player {
  readonly entityId: string;
  readonly name: string;
  readonly icon: string;
  readonly state: string;
  readonly available: boolean;
  readonly playing: boolean;
  readonly title: string;
  readonly artist: string;
  readonly album: string;
  /** The station or playlist that the music comes from. */
  readonly from: string;
  readonly image: string | undefined;
  readonly contentId: string;
  readonly duration: number | undefined;
  readonly position: number | undefined;
  /** When the position was right, in milliseconds since the epoch. */
  readonly positionAt: number;
  readonly volume: number | undefined;
  readonly groupVolume: number | undefined;
  readonly muted: boolean;
  readonly shuffle: boolean;
  readonly repeat: Repeat;
  readonly members: readonly string[];
  readonly canGroupWith: readonly string[];
  readonly queueId: string;
  /** The server's id of the player; "" while it is unavailable. */
  readonly playerId: string;
  readonly features: number;
}

const text = (value: unknown): string => (typeof value === "string" ? value : "");
const number = (value: unknown): number | undefined =>
  typeof value === "number" ? value : undefined;
const texts = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((each): each is string => typeof each === "string") : [];

const known = new WeakMap<HassEntity, Player>();

/** Return a player as its state has it; the same object as long as the state is the same. */
export function playerOf(entity: HassEntity): Player {
  let player = known.get(entity);
  if (!player) {
    player = read(entity);
    known.set(entity, player);
  }
  return player;
}

function read(entity: HassEntity): Player {
  const { attributes: has, state } = entity;
  const at = Date.parse(text(has["media_position_updated_at"]));
  return {
    entityId: entity.entity_id,
    name: text(has["friendly_name"]) || entity.entity_id,
    icon: text(has["icon"]) || "mdi:speaker",
    state,
    available: state !== "unavailable" && state !== "unknown",
    playing: state === "playing" || state === "buffering",
    title: text(has["media_title"]),
    artist: text(has["media_artist"]),
    album: text(has["media_album_name"]),
    from: text(has["media_channel"]) || text(has["media_playlist"]),
    image: text(has["entity_picture"]) || undefined,
    contentId: text(has["media_content_id"]),
    duration: number(has["media_duration"]),
    position: number(has["media_position"]),
    positionAt: Number.isNaN(at) ? Date.parse(entity.last_updated) : at,
    volume: number(has["volume_level"]),
    groupVolume: number(has["group_volume"]),
    muted: has["is_volume_muted"] === true,
    shuffle: has["shuffle"] === true,
    repeat: (text(has["repeat"]) || "off") as Repeat,
    members: texts(has["group_members"]),
    canGroupWith: texts(has["can_group_with"]),
    queueId: text(has["active_queue"]),
    playerId: text(has["mass_player_id"]),
    features: number(has["supported_features"]) ?? 0,
  };
}

export const can = (player: Player, feature: number): boolean =>
  player.available && (player.features & feature) !== 0;

/** Return all players of Music Assistant that the user may see, by name. */
export function playersIn(hass: HomeAssistant): Player[] {
  return Object.values(hass.entities)
    .filter((entry) => entry?.platform === DOMAIN && entry.entity_id.startsWith("media_player."))
    .map((entry) => entry && hass.states[entry.entity_id])
    .filter((state) => state?.attributes["device_class"] === "speaker")
    .map((state) => playerOf(state as HassEntity))
    .sort((a, b) => a.name.localeCompare(b.name));
}

/** Return the player to show where none was chosen: what plays, and what was shown while it does. */
export function pickPlayer(players: readonly Player[], shown?: string): Player | undefined {
  const current = players.find((player) => player.entityId === shown);
  return (
    (current?.playing ? current : undefined) ??
    players.find((player) => player.playing && player.members[0] === player.entityId) ??
    players.find((player) => player.playing) ??
    (current?.available ? current : undefined) ??
    players.find((player) => player.state === "paused") ??
    players.find((player) => player.available) ??
    players[0]
  );
}

/** Return the player with what others it plays along with, the one that leads first. */
export function groupOf(player: Player, players: readonly Player[]): Player[] {
  const members = player.members.map((id) => players.find((other) => other.entityId === id));
  return members.filter((member): member is Player => member !== undefined);
}

/** Return the config entry of the server that a player belongs to. */
export function entryOf(hass: HomeAssistant, entityId: string): string | undefined {
  const device = hass.devices[hass.entities[entityId]?.device_id ?? ""];
  return device?.primary_config_entry ?? device?.config_entries?.[0];
}

/** Return the entity of a player's device in a domain that has this translation key. */
export function siblingOf(
  hass: HomeAssistant,
  entityId: string,
  domain: string,
  key: string,
): string | undefined {
  const device = hass.entities[entityId]?.device_id;
  if (!device) return undefined;
  return Object.values(hass.entities).find(
    (entry) =>
      entry?.device_id === device &&
      entry.platform === DOMAIN &&
      entry.translation_key === key &&
      entry.entity_id.startsWith(`${domain}.`),
  )?.entity_id;
}

/** Return the area that a player stands in. */
export function areaOf(hass: HomeAssistant, entityId: string): string | undefined {
  const entry = hass.entities[entityId];
  return entry?.area_id ?? hass.devices[entry?.device_id ?? ""]?.area_id ?? undefined;
}
