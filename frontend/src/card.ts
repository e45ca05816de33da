/** The card itself: which player and which view, at which size. */

import {
  mdiBookshelf,
  mdiChevronDown,
  mdiMusicCircleOutline,
  mdiPlaylistMusic,
  mdiSpeaker,
  mdiSpeakerMultiple,
  mdiSpeakerOff,
} from "@mdi/js";
import { css, html, LitElement, nothing, type PropertyValues, type TemplateResult } from "lit";
import { property, query, state } from "lit/decorators.js";
import { cache } from "lit/directives/cache.js";

import { MusicApi } from "./api.js";
import { viewsOf, type CardConfig, type View } from "./config.js";
import type { MenuRequest, PromptRequest, ShowRequest } from "./elements/base.js";
import type { Menu } from "./elements/menu.js";
import type { Prompt } from "./elements/prompt.js";
import { fireEvent, type HomeAssistant } from "./ha.js";
import { layoutFor, type Layout } from "./layout.js";
import type { Media } from "./media.js";
import { groupOf, pickPlayer, playersIn, siblingOf, type Player } from "./players.js";
import { currentRow } from "./queue.js";
import { QueueStore } from "./queue-store.js";
import { shared } from "./styles.js";
import { hint, icon } from "./templates.js";
import { tintOfImage, tintStyle, type Tint } from "./tint.js";

const VIEW_ICONS: Readonly<Record<View, string>> = {
  now_playing: mdiMusicCircleOutline,
  queue: mdiPlaylistMusic,
  library: mdiBookshelf,
  players: mdiSpeakerMultiple,
};
/** What of `hass` the card depends on besides the states of players. */
const DEPENDS_ON = ["language", "entities", "devices", "areas", "user", "themes"] as const;

export class CardContent extends LitElement {
  @property({ attribute: false }) hass!: HomeAssistant;
  @property({ attribute: false }) config!: CardConfig;
  /** Whether somebody sees the card. */
  @property({ type: Boolean }) active = false;
  @state() private layout: Layout = "narrow";
  @state() private view: View = "now_playing";
  @state() private chosen: string | undefined;
  @state() private target: Media | undefined;
  @state() private tint: Tint | undefined;
  @state() private version = 0;
  @state() private denied: ReadonlySet<string> = new Set();
  @query("music-assistant-menu") private menuElement!: Menu;
  @query("music-assistant-prompt") private promptElement!: Prompt;
  private api = new MusicApi(this);
  private players: readonly Player[] = [];
  private group: readonly Player[] = [];
  private player: Player | undefined;
  private timer = "";
  private picture: string | undefined;
  private rightsOf = "";
  private store = new QueueStore(
    () => this.api,
    () => (this.version += 1),
  );
  private sizes = new ResizeObserver(([entry]) => {
    if (entry) this.layout = layoutFor(entry.contentRect.width, entry.contentRect.height);
  });

  override connectedCallback(): void {
    super.connectedCallback();
    this.sizes.observe(this);
    this.requestUpdate();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.sizes.disconnect();
    this.store.follow(undefined);
  }

  /** Leave out what changed elsewhere in the house. */
  protected override shouldUpdate(changed: PropertyValues<this>): boolean {
    const before = changed.get("hass");
    if (before && before.language !== this.hass.language) this.api = new MusicApi(this);
    this.api.hass = this.hass;
    if (!changed.has("hass")) return true;
    const players = playersIn(this.hass);
    const same =
      players.length === this.players.length &&
      players.every((player, at) => player === this.players[at]);
    if (!same) this.players = players;
    const timer = this.timerOf(this.player);
    const other = !before || DEPENDS_ON.some((key) => before[key] !== this.hass[key]);
    return !same || other || timer !== this.timer || changed.size > 1;
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has("config")) {
      this.chosen = undefined;
      this.view = this.views[0] ?? "now_playing";
    }
    this.api.views = this.views;
    this.player = this.pick();
    this.timer = this.timerOf(this.player);
    const group = this.player ? groupOf(this.player, this.players) : [];
    if (group.length !== this.group.length || group.some((one, at) => one !== this.group[at]))
      this.group = group;
    const follows = this.active && this.isConnected && this.layout !== "strip";
    this.store.follow(follows ? this.player?.entityId : undefined);
    this.updateTint();
    if (this.active) this.updateRights();
  }

  private get views(): readonly View[] {
    return viewsOf(this.config);
  }

  private pick(): Player | undefined {
    const wanted = this.chosen ?? this.config.entity;
    if (wanted) return this.players.find((player) => player.entityId === wanted);
    return pickPlayer(this.players, this.player?.entityId);
  }

  private timerOf(player: Player | undefined): string {
    const sensor = player && siblingOf(this.hass, player.entityId, "sensor", "sleep_timer");
    const ends = sensor ? (this.hass.states[sensor]?.state ?? "") : "";
    return Number.isNaN(Date.parse(ends)) ? "" : ends;
  }

  private updateTint(): void {
    const picture = this.player?.title ? this.api.url(this.player.image) : undefined;
    if (picture !== this.picture) {
      this.picture = picture;
      if (!picture) this.tint = undefined;
      else
        void tintOfImage(picture).then((tint) => {
          if (picture === this.picture) this.tint = tint;
        });
    }
    const style = tintStyle(this.tint, this.hass.themes?.darkMode ?? false);
    for (const name of ["--tint-surface", "--tint-accent"])
      this.style.setProperty(name, style[name] ?? "");
  }

  /** Ask once for each set of players which of them the user may control. */
  private updateRights(): void {
    const ids = this.players.map((player) => player.entityId).join();
    if (ids === this.rightsOf) return;
    this.rightsOf = ids;
    void this.api
      .rights()
      .then((rights) => {
        const denied = rights.filter((right) => !right.can_control);
        this.denied = new Set(denied.map((right) => right.entity_id));
      })
      .catch(() => (this.rightsOf = ""));
  }

  private mayControl = (player: Player): boolean => !this.denied.has(player.entityId);

  /** Where what plays can go on instead. */
  private transferTargets = (): Player[] =>
    this.players.filter(
      (other) => other.available && this.mayControl(other) && other !== this.player,
    );

  // ------------------------------------------------------------------------------ render

  protected override render(): TemplateResult {
    const { player, api } = this;
    if (!player) return html`<ha-card>${hint(mdiSpeakerOff, api.t("no_players"))}</ha-card>`;
    return html`
      <ha-card
        class=${this.layout}
        @music-menu=${(event: CustomEvent<MenuRequest>) => {
          const { opener, items, heading } = event.detail;
          void this.menuElement.open(opener, items, heading);
        }}
        @music-prompt=${(event: CustomEvent<PromptRequest>) => {
          void this.promptElement.ask(event.detail.question).then(event.detail.answer);
        }}
        @music-show=${(event: CustomEvent<ShowRequest>) => {
          this.view = event.detail.view;
          this.target = event.detail.media;
        }}
        @music-choose=${(event: CustomEvent<string>) => (this.chosen = event.detail)}
      >
        ${this.renderLayout(player)}
        <music-assistant-menu></music-assistant-menu>
        <music-assistant-prompt></music-assistant-prompt>
      </ha-card>
    `;
  }

  private renderLayout(player: Player): TemplateResult {
    if (this.layout === "strip") return this.renderStrip(player, true);
    if (this.layout === "bar")
      return this.views[0] === "now_playing" || this.views.length > 1
        ? this.renderNowPlaying(player, true)
        : this.renderView(this.views[0] ?? "now_playing", player);
    const beside =
      this.layout === "wide" && this.views.includes("now_playing") && this.views.length > 1;
    const tabs = beside ? this.views.filter((view) => view !== "now_playing") : this.views;
    const view = tabs.includes(this.view) ? this.view : (tabs[0] ?? "now_playing");
    return html`
      ${
        beside
          ? html`<div class="side">
              ${this.renderHead(player)} ${this.renderNowPlaying(player)}
            </div>`
          : nothing
      }
      <div class="main">
        ${
          !beside && view !== "library" && this.views.includes("now_playing")
            ? this.renderHead(player)
            : nothing
        }
        ${beside && tabs.length > 1 ? this.renderTabs(tabs, view) : nothing}
        <div class="view">${cache(this.renderView(view, player))}</div>
        ${
          !beside && view !== "now_playing" && player.title && this.views.includes("now_playing")
            ? html`<div class="mini">${this.renderStrip(player, false)}</div>`
            : nothing
        }
        ${!beside && tabs.length > 1 ? this.renderTabs(tabs, view) : nothing}
      </div>
    `;
  }

  private renderHead(player: Player): TemplateResult {
    const { api } = this;
    const more = this.group.length > 1 ? ` +${this.group.length - 1}` : "";
    const away = player.available ? "" : ` · ${api.t("unavailable")}`;
    const choose = (event: Event): void => {
      const items = this.players.map((each) => ({
        label: each.name,
        path: each.playing ? mdiMusicCircleOutline : mdiSpeaker,
        selected: each.entityId === player.entityId,
        run: () => (this.chosen = each.entityId),
      }));
      void this.menuElement.open(event.currentTarget as HTMLElement, items);
    };
    return html`
      <div class="head">
        <button type="button" class="chip" aria-haspopup="menu" @click=${choose}>
          ${icon(this.group.length > 1 ? mdiSpeakerMultiple : mdiSpeaker)}
          <span class="title">${player.name}${more}${away}</span>
          ${this.players.length > 1 ? icon(mdiChevronDown) : nothing}
          <span class="hidden">${api.t("all_players")}</span>
        </button>
      </div>
    `;
  }

  private renderTabs(tabs: readonly View[], shown: View): TemplateResult {
    const { api } = this;
    return html`
      <nav>
        ${tabs.map(
          (view) => html`
            <button
              type="button"
              aria-current=${view === shown ? "page" : "false"}
              @click=${() => (this.view = view)}
            >
              <span class="pill">${icon(VIEW_ICONS[view])}</span>
              <span class="label">${api.t(`view_${view}`)}</span>
            </button>
          `,
        )}
      </nav>
    `;
  }

  private renderView(view: View, player: Player): TemplateResult {
    const controllable = this.mayControl(player);
    switch (view) {
      case "now_playing":
        return this.renderNowPlaying(player);
      case "queue":
        return html`<music-assistant-queue
          .api=${this.api}
          .player=${player}
          .store=${this.store}
          .version=${this.version}
          .controllable=${controllable}
        ></music-assistant-queue>`;
      case "library":
        return html`<music-assistant-library
          .api=${this.api}
          .player=${player}
          .start=${this.config.library ?? "home"}
          .target=${this.target}
          .controllable=${controllable}
        ></music-assistant-library>`;
      case "players":
        return html`<music-assistant-players
          .api=${this.api}
          .player=${player}
          .players=${this.players}
          .denied=${this.denied}
        ></music-assistant-players>`;
    }
  }

  private renderNowPlaying(player: Player, compact = false): TemplateResult {
    return html`<music-assistant-now-playing
      .api=${this.api}
      .player=${player}
      .players=${this.group}
      .targets=${this.transferTargets}
      .current=${currentRow(this.store.queue)}
      .timer=${this.timer}
      .active=${this.active}
      .compact=${compact}
      .controllable=${this.mayControl(player)}
    ></music-assistant-now-playing>`;
  }

  private renderStrip(player: Player, whole: boolean): TemplateResult {
    const open = (): void => {
      if (whole) fireEvent(this, "hass-more-info", { entityId: player.entityId });
      else this.view = "now_playing";
    };
    return html`<music-assistant-strip
      .api=${this.api}
      .player=${player}
      .named=${whole}
      .controllable=${this.mayControl(player)}
      @open=${open}
    ></music-assistant-strip>`;
  }

  static override styles = [
    shared,
    css`
      :host {
        height: 100%;
      }
      ha-card {
        display: flex;
        height: 100%;
        overflow: hidden;
        container: card / size;
        background: linear-gradient(
          var(--surface),
          color-mix(
            in srgb,
            var(--surface) 45%,
            var(--ha-card-background, var(--card-background-color, #fff))
          )
        );
      }
      ha-card.wide {
        background: linear-gradient(
          to right,
          var(--surface),
          color-mix(
            in srgb,
            var(--surface) 35%,
            var(--ha-card-background, var(--card-background-color, #fff))
          )
        );
      }
      ha-card > * {
        min-height: 0;
      }
      .strip > :first-child,
      .bar > :first-child {
        flex: 1;
        min-width: 0;
      }
      .side,
      .main {
        display: flex;
        flex-direction: column;
        min-width: 0;
        height: 100%;
      }
      .main {
        flex: 1;
      }
      .side {
        flex: 0 0 42%;
        max-width: 420px;
        border-inline-end: 1px solid var(--fainter);
      }
      .side > music-assistant-now-playing {
        flex: 1;
      }
      .view {
        flex: 1;
        min-height: 0;
      }
      .head {
        display: flex;
        justify-content: center;
        padding: 12px 12px 0;
        flex: none;
      }
      .head .chip {
        max-width: 100%;
      }
      .head .title {
        font-weight: 400;
      }
      .head svg:nth-of-type(2) {
        margin: 0 -4px 0 0;
      }
      .hidden {
        position: absolute;
        width: 1px;
        height: 1px;
        overflow: hidden;
        clip-path: inset(50%);
      }
      .mini {
        flex: none;
        height: 60px;
        margin: 0 8px;
        border-radius: 16px;
        background: var(--faint);
      }
      nav {
        flex: none;
        display: flex;
        justify-content: space-evenly;
        padding: 6px 8px 8px;
      }
      nav button {
        flex: 1;
        min-width: 0;
        max-width: 120px;
        display: flex;
        flex-direction: column;
        align-items: center;
        gap: 2px;
        font-size: 12px;
        line-height: 16px;
        padding-block: 2px;
      }
      nav button:hover {
        background: none !important;
      }
      .pill {
        display: grid;
        place-items: center;
        width: 56px;
        max-width: 100%;
        height: 30px;
        border-radius: 15px;
        transition: background-color var(--quick);
      }
      nav button:hover .pill {
        background: var(--faint);
      }
      nav [aria-current="page"] .pill {
        background: color-mix(in srgb, var(--accent) 26%, transparent);
      }
      nav .label {
        max-width: 100%;
        overflow: hidden;
        text-overflow: ellipsis;
        white-space: nowrap;
      }
      .wide nav {
        justify-content: flex-start;
        gap: 4px;
        padding: 12px 16px 4px;
      }
      .wide nav button {
        flex: none;
        flex-direction: row;
        max-width: none;
        height: 36px;
        padding-inline: 4px 14px;
        gap: 0;
        border-radius: 18px;
        font-size: 14px;
      }
      .wide nav .pill {
        width: 36px;
        background: none !important;
      }
      .wide nav [aria-current="page"] {
        background: color-mix(in srgb, var(--accent) 26%, transparent) !important;
      }
      @container card (height < 400px) {
        .narrow nav .label {
          display: none;
        }
      }
    `,
  ];
}
