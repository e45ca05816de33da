/** What the card asks of Home Assistant. */

import { VIEWS, type View } from "./config.js";
import { fireEvent, type HomeAssistant, type Unsubscribe } from "./ha.js";
import { localize, type TextKey, type Values } from "./localize.js";
import { isPlace, type BrowseItem, type Media } from "./media.js";
import { DOMAIN, entryOf } from "./players.js";
import type { QueueDifference, QueueRow } from "./queue.js";

export type Enqueue = "play" | "next" | "add" | "replace";

export interface PlayerRights {
  readonly entity_id: string;
  readonly can_control: boolean;
}

interface Failure {
  readonly message?: string;
  readonly code?: string | number;
  readonly translation_domain?: string;
  readonly translation_key?: string;
  readonly translation_placeholders?: Record<string, string>;
}

type Data = Readonly<Record<string, unknown>>;

export class MusicApi {
  /** The views that the card has. */
  views: readonly View[] = VIEWS;

  hass!: HomeAssistant;

  /** `host` is where the notifications of Home Assistant's front end are sent from. */
  constructor(private readonly host: EventTarget) {}

  t = (key: TextKey, values?: Values): string => localize(this.hass.language, key, values);

  /** Return the address of a path of Home Assistant's. */
  url(path: string | undefined): string | undefined {
    return path && (this.hass.hassUrl?.(path) ?? path);
  }

  /** Do something; a failure is shown to the user and makes this false. */
  async act(action: string, entityId: string, data: Data = {}): Promise<boolean> {
    return this.done(this.callAction(DOMAIN, action, data, entityId));
  }

  /** Do something that all media players can do. */
  async media(action: string, entityId: string, data: Data = {}): Promise<boolean> {
    return this.done(this.callAction("media_player", action, data, entityId));
  }

  /** Return the answer of an action about a player. */
  async askPlayer<T>(action: string, entityId: string, data: Data = {}): Promise<T | undefined> {
    const answer = await this.callAction<Record<string, T>>(DOMAIN, action, data, entityId, true);
    return answer[entityId];
  }

  /** Return the answer of an action about the server of a player. */
  async askServer<T>(action: string, entityId: string, data: Data = {}): Promise<T> {
    const entry = entryOf(this.hass, entityId);
    const server = entry ? { config_entry_id: entry } : {};
    return this.callAction<T>(DOMAIN, action, { ...server, ...data }, undefined, true);
  }

  async queueItems(entityId: string, offset: number, limit: number): Promise<QueueRow[]> {
    const data = { offset, limit };
    return (await this.askPlayer<QueueRow[]>("get_queue_items", entityId, data)) ?? [];
  }

  subscribeQueue(
    entityId: string,
    callback: (difference: QueueDifference) => void,
  ): Promise<Unsubscribe> {
    return this.hass.connection.subscribeMessage(callback, {
      type: `${DOMAIN}/queue/subscribe`,
      entity_id: entityId,
      before: 25,
      after: 75,
    });
  }

  /** Hear which lists of a player's server have changed, such as what was played. */
  subscribeLists(
    entityId: string,
    callback: (changed: readonly string[]) => void,
  ): Promise<Unsubscribe> {
    return this.hass.connection.subscribeMessage<{ changed: string[] }>(
      ({ changed }) => callback(changed),
      { type: `${DOMAIN}/lists/subscribe`, entity_id: entityId },
    );
  }

  async rights(): Promise<PlayerRights[]> {
    const answer = await this.hass.callWS<{ players: PlayerRights[] }>({
      type: `${DOMAIN}/players/list`,
    });
    return answer.players;
  }

  browse(entityId: string, id?: string, type?: string): Promise<BrowseItem> {
    const place = id ? { media_content_id: id, media_content_type: type ?? "music" } : {};
    return this.hass.callWS({ type: "media_player/browse_media", entity_id: entityId, ...place });
  }

  play(entityId: string, media: Media, enqueue?: Enqueue, radio = false): Promise<boolean> {
    if (isPlace(media)) {
      return this.media("play_media", entityId, {
        media_content_id: media.id,
        media_content_type: media.contentType,
        ...(enqueue && { enqueue }),
      });
    }
    return this.act("play_media", entityId, {
      media_id: media.id,
      queue: "active",
      ...(enqueue && { enqueue }),
      ...(radio && { radio_mode: true }),
    });
  }

  /** Show a text for some seconds, perhaps with something to do about it. */
  toast(message: string, action?: { text: string; action: () => void }): void {
    fireEvent(this.host, "hass-notification", { message, action, duration: action ? 8000 : 4000 });
  }

  /** Show why something failed, in the integration's own words. */
  async report(error: unknown): Promise<void> {
    this.toast(await this.errorText(error));
  }

  async errorText(error: unknown): Promise<string> {
    if (error === 3) return this.t("connection_lost"); // the websocket library's "lost"
    const failure = (typeof error === "object" && error ? error : {}) as Failure;
    const { translation_domain: domain, translation_key: key } = failure;
    if (domain && key) {
      const translate = await this.hass.loadBackendTranslation("exceptions", domain);
      const path = `component.${domain}.exceptions.${key}.message`;
      const text = translate(path, failure.translation_placeholders);
      if (text) return text;
    }
    return failure.message ?? this.t("failed");
  }

  private async done(call: Promise<unknown>): Promise<boolean> {
    try {
      await call;
      return true;
    } catch (error) {
      await this.report(error);
      return false;
    }
  }

  private async callAction<T>(
    domain: string,
    service: string,
    data: Data,
    entityId?: string,
    answers = false,
  ): Promise<T> {
    const { response } = await this.hass.callWS<{ response: T }>({
      type: "call_service",
      domain,
      service,
      service_data: data,
      ...(entityId && { target: { entity_id: entityId } }),
      ...(answers && { return_response: true }),
    });
    return response;
  }
}
