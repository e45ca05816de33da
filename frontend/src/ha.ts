/** What is used of Home Assistant's front end. */

export interface HassEntity {
  readonly entity_id: string;
  readonly state: string;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly last_changed: string;
  readonly last_updated: string;
}

export interface EntityRegistryEntry {
  readonly entity_id: string;
  readonly platform: string;
  readonly device_id?: string | null;
  readonly area_id?: string | null;
  readonly translation_key?: string;
  readonly hidden?: boolean;
}

export interface DeviceRegistryEntry {
  readonly id: string;
  readonly area_id?: string | null;
  readonly config_entries?: readonly string[];
  readonly primary_config_entry?: string | null;
}

export interface Area {
  readonly area_id: string;
  readonly name: string;
  readonly icon?: string | null;
}

export type Unsubscribe = () => Promise<void> | void;

export interface Connection {
  subscribeMessage<T>(
    callback: (message: T) => void,
    message: Record<string, unknown> & { type: string },
  ): Promise<Unsubscribe>;
}

export type Localize = (key: string, values?: Record<string, string>) => string;

export interface HomeAssistant {
  readonly states: Readonly<Record<string, HassEntity | undefined>>;
  readonly entities: Readonly<Record<string, EntityRegistryEntry | undefined>>;
  readonly devices: Readonly<Record<string, DeviceRegistryEntry | undefined>>;
  readonly areas: Readonly<Record<string, Area | undefined>>;
  readonly language: string;
  readonly user?: { readonly id: string; readonly is_admin: boolean };
  readonly themes?: { readonly darkMode?: boolean };
  readonly connection: Connection;
  callWS<T>(message: Record<string, unknown> & { type: string }): Promise<T>;
  loadBackendTranslation(category: string, integration: string): Promise<Localize>;
  hassUrl?(path: string): string;
}

/** Send one of the events that Home Assistant's front end listens to. */
export function fireEvent(target: EventTarget, type: string, detail: unknown = {}): void {
  target.dispatchEvent(new CustomEvent(type, { detail, bubbles: true, composed: true }));
}
