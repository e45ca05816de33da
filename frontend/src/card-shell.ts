/** The element that Home Assistant knows: it loads the card, and is silent while nobody looks. */

import type { CardContent } from "./card.js";
import { checkConfig, type CardConfig } from "./config.js";
import type { HomeAssistant } from "./ha.js";

const HEIGHT = 600;
const ROW = 56;
const GAP = 8;

type Lazy = typeof import("./lazy.js");
const load = (): Promise<Lazy> => import("./lazy.js");

export class MusicAssistantCard extends HTMLElement {
  /** Where the card is, told by the dashboard: "grid" in sections, "panel" as a whole page. */
  layout?: string;
  private config: CardConfig | undefined;
  private latest: HomeAssistant | undefined;
  private lazy: Lazy | undefined;
  private content: CardContent | undefined;
  private onScreen = false;
  private observer = new IntersectionObserver((entries) => {
    this.onScreen = entries.at(-1)?.isIntersecting ?? false;
    this.refresh();
  });

  static async getConfigForm(): Promise<object> {
    return (await load()).configForm(document.documentElement.lang || navigator.language);
  }

  static async getStubConfig(hass: HomeAssistant): Promise<object> {
    return (await load()).stubConfig(hass);
  }

  setConfig(config: CardConfig): void {
    checkConfig(config);
    this.config = config;
    this.refresh();
  }

  set hass(hass: HomeAssistant) {
    this.latest = hass;
    this.refresh();
  }

  connectedCallback(): void {
    this.style.display = "block";
    this.observer.observe(this);
    document.addEventListener("visibilitychange", this.refresh);
    void this.begin();
  }

  disconnectedCallback(): void {
    this.observer.disconnect();
    document.removeEventListener("visibilitychange", this.refresh);
    this.onScreen = false;
    this.refresh();
  }

  getCardSize(): number {
    return Math.ceil((this.config?.height ?? HEIGHT) / 50);
  }

  getGridOptions(): object {
    const { height, views } = this.config ?? {};
    const alone = views?.length === 1 && views[0] === "now_playing";
    const rows = height ? Math.max(1, Math.round((height + GAP) / (ROW + GAP))) : alone ? 8 : 10;
    return { columns: 12, rows, min_columns: 3, min_rows: 1 };
  }

  private async begin(): Promise<void> {
    this.lazy = await load();
    this.refresh();
  }

  private refresh = (): void => {
    const { config, latest, lazy } = this;
    if (!lazy || !config || !latest) return;
    if (!lazy.hasTexts(latest.language)) {
      void lazy.loadTexts(latest.language).then(this.refresh);
      return;
    }
    const content = (this.content ??= lazy.createContent());
    const active = this.onScreen && !document.hidden;
    const fixed = this.layout === "grid" || this.layout === "panel";
    this.style.height = fixed ? "100%" : `${config.height ?? HEIGHT}px`;
    content.active = active;
    content.config = config;
    if (active || !content.isConnected) content.hass = latest;
    if (!content.isConnected) this.append(content);
  };
}
