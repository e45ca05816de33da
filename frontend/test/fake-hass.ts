/** A Home Assistant for the tests: a house with players, that notes what it is asked. */

import type { HassEntity, HomeAssistant } from "../src/ha.js";
import type { QueueDifference, QueueRow } from "../src/queue.js";
import contract from "./contract.json";

type Message = Record<string, unknown> & { type: string };

export interface Call {
  readonly action: string;
  readonly data: Record<string, unknown>;
  readonly entity: string | undefined;
}

export const EVERYTHING = 8320959 | 128 | 256;
const PICTURE =
  '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect width="9" height="9" fill="#a3c"/></svg>';
export const COVER = `data:image/svg+xml,${encodeURIComponent(PICTURE)}`;

export function entity(
  name: string,
  state = "idle",
  attributes: Record<string, unknown> = {},
): HassEntity {
  const now = new Date().toISOString();
  return {
    entity_id: `media_player.${name.toLowerCase().replace(" ", "_")}`,
    state,
    attributes: {
      friendly_name: name,
      device_class: "speaker",
      supported_features: EVERYTHING,
      volume_level: 0.4,
      is_volume_muted: false,
      shuffle: false,
      repeat: "off",
      group_members: [],
      can_group_with: [],
      mass_player_id: name,
      ...attributes,
    },
    last_changed: now,
    last_updated: now,
  };
}

export function playing(name: string, attributes: Record<string, unknown> = {}): HassEntity {
  return entity(name, "playing", {
    media_title: "Northern Avalanche",
    media_artist: "Élodie Marchvent",
    media_album_name: "Lanterns at Low Tide",
    media_content_id: "library://track/1",
    media_duration: 200,
    media_position: 50,
    media_position_updated_at: new Date().toISOString(),
    entity_picture: COVER,
    active_queue: name,
    ...attributes,
  });
}

export function row(number: number, changes: Partial<QueueRow> = {}): QueueRow {
  return {
    queue_item_id: `item-${number}`,
    media_content_id: `library://track/${number}`,
    media_type: "track",
    media_title: `Track ${number}`,
    media_artist: "Papaya Static",
    media_album_name: "Static Fruit",
    media_image: "",
    duration: 200,
    favorite: false,
    playable: true,
    ...changes,
  };
}

/** A queue of tracks 1 to `count`, as the subscription tells it around the current one. */
export function queueMessage(count: number, current = 1, before = 25, after = 75): QueueDifference {
  const first = Math.max(1, current - before);
  const last = Math.min(count, current + after);
  const items = Array.from({ length: Math.max(0, last - first + 1) }, (_, at) => row(first + at));
  return {
    available: true,
    queue_id: "queue",
    current: count ? current : null,
    count,
    first: items.length ? first : null,
    order: items.map((item) => item.queue_item_id),
    items,
    revision: 0,
  };
}

export class FakeHome {
  readonly calls: Call[] = [];
  readonly messages: Message[] = [];
  /** How many queues are subscribed to. */
  subscriptions = 0;
  /** What actions answer, by their name; "browse" is the browse tree, "related" the search. */
  answers: Record<string, (data: Record<string, unknown>) => unknown> = {};
  queue: QueueDifference = queueMessage(12);
  denied = new Set<string>();
  hass: HomeAssistant;
  /** Who hears of changed lists. */
  readonly listListeners = new Set<(message: { changed: string[] }) => void>();
  private listeners = new Set<(message: QueueDifference) => void>();

  constructor(...entities: HassEntity[]) {
    const each = <T>(make: (id: string) => T): Record<string, T> =>
      Object.fromEntries(entities.map(({ entity_id: id }) => [id, make(id)]));
    this.hass = {
      states: Object.fromEntries(entities.map((state) => [state.entity_id, state])),
      entities: each((id) => ({ entity_id: id, platform: "music_assistant", device_id: id })),
      devices: each((id) => ({ id, primary_config_entry: "entry" })),
      areas: {},
      language: "en",
      user: { id: "user", is_admin: true },
      themes: { darkMode: false },
      connection: {
        subscribeMessage: <T>(callback: (message: T) => void, message: Message) => {
          if (message.type === "music_assistant/lists/subscribe") {
            const changed = callback as (message: { changed: string[] }) => void;
            this.listListeners.add(changed);
            return Promise.resolve(() => void this.listListeners.delete(changed));
          }
          const listener = callback as (message: QueueDifference) => void;
          this.listeners.add(listener);
          this.subscriptions += 1;
          queueMicrotask(() => listener(this.queue));
          return Promise.resolve(() => {
            this.listeners.delete(listener);
            this.subscriptions -= 1;
          });
        },
      },
      callWS: <T>(message: Message) => this.answer(message) as Promise<T>,
      loadBackendTranslation: () =>
        Promise.resolve((key: string, values?: Record<string, string>) =>
          key === "component.music_assistant.exceptions.player_away.message"
            ? `${values?.["name"] ?? ""} is away.`
            : "",
        ),
    };
  }

  /** Change states, as an event does. */
  set(...entities: HassEntity[]): void {
    const changed = Object.fromEntries(entities.map((state) => [state.entity_id, state]));
    this.hass = { ...this.hass, states: { ...this.hass.states, ...changed } };
  }

  /** Tell what changed in the queue. */
  tell(message: QueueDifference): void {
    for (const listener of this.listeners) listener(message);
  }

  /** Tell which lists have changed. */
  tellLists(...changed: string[]): void {
    for (const listener of this.listListeners) listener({ changed });
  }

  called(action: string): Call[] {
    return this.calls.filter((call) => call.action === action);
  }

  private async answer(message: Message): Promise<unknown> {
    this.messages.push(message);
    await Promise.resolve();
    if (message.type === "music_assistant/players/list") {
      const ids = Object.keys(this.hass.states);
      return {
        players: ids.map((id) => ({ entity_id: id, can_control: !this.denied.has(id) })),
      };
    }
    if (message.type === "search/related") return this.answers["related"]?.(message) ?? {};
    if (message.type === "media_player/browse_media")
      return this.answers["browse"]?.(message) ?? { title: "Music", children: [] };
    const action = message["service"] as string;
    const data = message["service_data"] as Record<string, unknown>;
    const target = (message["target"] as { entity_id?: string } | undefined)?.entity_id;
    if (message["domain"] === "music_assistant") checkCall(action, data);
    this.calls.push({ action, data, entity: target });
    const response = this.answers[action]?.(data);
    return { response: target && message["return_response"] ? { [target]: response } : response };
  }
}

const ACTIONS: Readonly<Record<string, readonly string[] | undefined>> = contract.actions;
/** Calls that the integration would refuse. */
export const refused: string[] = [];

function checkCall(action: string, data: Record<string, unknown>): void {
  const fields = ACTIONS[action];
  if (!fields) refused.push(action);
  refused.push(
    ...Object.keys(data)
      .filter((name) => fields && !fields.includes(name))
      .map((name) => `${action}.${name}`),
  );
}
