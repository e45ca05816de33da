import {
  mdiCast,
  mdiChevronDown,
  mdiChevronUp,
  mdiDotsVertical,
  mdiHeart,
  mdiHeartOutline,
  mdiMusicNote,
  mdiPause,
  mdiPlay,
  mdiPower,
  mdiRepeat,
  mdiRepeatOnce,
  mdiScriptTextOutline,
  mdiShuffleVariant,
  mdiSkipNext,
  mdiSkipPrevious,
  mdiSleep,
  mdiStop,
  mdiVolumeHigh,
  mdiVolumeOff,
} from "@mdi/js";
import { css, html, nothing, type PropertyValues, type TemplateResult } from "lit";
import { property, state } from "lit/decorators.js";

import { MusicElement } from "../elements/base.js";
import type { MenuItem } from "../elements/menu.js";
import { qualityText, timeText, type Stream } from "../format.js";
import type { TextKey } from "../localize.js";
import { hasLyrics, NO_LYRICS, type Lyrics } from "../lyrics.js";
import { mediaOfItem, type ActionItem, type Media } from "../media.js";
import { libraryItems, toggleFavorite } from "../media-menu.js";
import { can, Feature, groupOf, type Player, type Repeat } from "../players.js";
import type { QueueRow } from "../queue.js";
import { shared } from "../styles.js";
import { cover, icon, iconButton } from "../templates.js";

interface QueueAnswer {
  readonly current_item?: {
    readonly media_item?: ActionItem | null;
    readonly stream_details?: Stream;
  } | null;
}

const REPEAT: Readonly<Record<Repeat, { next: Repeat; path: string; label: TextKey }>> = {
  off: { next: "all", path: mdiRepeat, label: "repeat_off" },
  all: { next: "one", path: mdiRepeat, label: "repeat_all" },
  one: { next: "off", path: mdiRepeatOnce, label: "repeat_one" },
};
const TIMERS = [15, 30, 45, 60, 90];

export class NowPlaying extends MusicElement {
  @property({ attribute: false }) player!: Player;
  /** The player and those that it plays along with. */
  @property({ attribute: false }) players: readonly Player[] = [];
  /** Where what plays can go on instead; asked for when somebody wants to know. */
  @property({ attribute: false }) targets: () => readonly Player[] = () => [];
  @property({ attribute: false }) current: QueueRow | undefined;
  @property() timer = "";
  @property({ type: Boolean }) active = true;
  @property({ type: Boolean }) controllable = true;
  /** One row of controls beside the cover. */
  @property({ type: Boolean, reflect: true }) compact = false;
  @state() private item: ActionItem | undefined;
  @state() private quality = "";
  @state() private lyrics: Lyrics | undefined;
  @state() private singing = false;
  @state() private members = false;
  private asked = "";
  private song = "";

  protected override willUpdate(changed: PropertyValues<this>): void {
    const { player } = this;
    const key = `${player.entityId} ${player.contentId} ${player.title} ${player.playing}`;
    if (this.active && !this.compact && key !== this.asked && player.title) {
      this.asked = key;
      void this.lookUp(key);
    }
    const song = `${player.entityId} ${player.contentId} ${player.title}`;
    if (this.active && !this.compact && this.isTrack && song !== this.song) {
      this.song = song;
      void this.loadLyrics(song);
    }
    if (!player.title) this.item = undefined;
    if (changed.has("player") && changed.get("player")?.entityId !== player.entityId) {
      this.members = false;
      this.item = undefined;
      this.quality = "";
    }
  }

  private async lookUp(key: string): Promise<void> {
    try {
      const answer = await this.api.askPlayer<QueueAnswer>("get_queue", this.player.entityId);
      if (key !== this.asked) return;
      this.item = answer?.current_item?.media_item ?? undefined;
      this.quality = qualityText(answer?.current_item?.stream_details);
    } catch {
      this.quality = ""; // a player without a queue: nothing more is known of what plays
    }
  }

  /** Ask for the lyrics, since only where there are some can they be opened. */
  private async loadLyrics(song: string): Promise<void> {
    const { entityId } = this.player;
    this.lyrics = undefined;
    const lyrics = await this.api
      .askServer<Lyrics>("get_lyrics", entityId, { entity: entityId })
      .catch(() => NO_LYRICS);
    if (song === this.song) this.lyrics = lyrics;
  }

  private get isTrack(): boolean {
    return this.player.title !== "" && this.current?.media_type === "track";
  }

  protected override render(): TemplateResult {
    const { player } = this;
    return html`
      <div class="art">
        ${
          this.singing
            ? html`<music-assistant-lyrics
                .api=${this.api}
                .player=${player}
                .lyrics=${this.isTrack ? this.lyrics : NO_LYRICS}
                .active=${this.active}
                .controllable=${this.controllable}
              ></music-assistant-lyrics>`
            : cover(this.api.url(player.image), mdiMusicNote, "large")
        }
      </div>
      <div class="panel">
        ${this.renderTexts()}
        <music-assistant-progress
          dir="ltr"
          .api=${this.api}
          .player=${player}
          .active=${this.active}
          .controllable=${this.controllable}
        ></music-assistant-progress>
        ${this.controllable ? this.renderControls() : nothing}
        ${this.compact ? nothing : this.renderVolume()}
        ${this.compact || !this.controllable ? nothing : this.renderTools()}
      </div>
    `;
  }

  private renderTexts(): TemplateResult {
    const { player, item } = this;
    const artist = item?.artists?.[0];
    const album = this.compact ? "" : player.album;
    const badge = this.compact ? player.name : this.quality;
    const title = player.title || this.api.t(player.available ? "nothing_plays" : "unavailable");
    return html`
      <div class="texts">
        <div class="two-lines">
          ${this.line("headline", title, item)}
          <div class="by">
            ${this.line("", player.artist, artist)}
            ${player.artist && album ? html`<span aria-hidden="true">·</span>` : nothing}
            ${this.line("", album, item?.album)}
          </div>
          ${
            player.from && player.from !== player.album && !this.compact
              ? html`<span class="detail" dir="auto">${player.from}</span>`
              : nothing
          }
        </div>
        ${badge ? html`<span class="badge">${badge}</span>` : nothing}
      </div>
    `;
  }

  /** A line of text; a button where it can be opened in the library. */
  private line(
    kind: string,
    text: string,
    item?: ActionItem | null,
  ): TemplateResult | typeof nothing {
    if (!text) return nothing;
    const media = item ? mediaOfItem(item) : undefined;
    if (!media?.canOpen || !this.api.views.includes("library"))
      return html`<span class="${kind} title" dir="auto">${text}</span>`;
    return html`<button
      type="button"
      class="${kind} title"
      dir="auto"
      @click=${() => this.show("library", media)}
    >
      ${text}
    </button>`;
  }

  /** Time and what moves in it run from left to right everywhere, as on every player. */
  private renderControls(): TemplateResult {
    const { player, api } = this;
    const { entityId } = player;
    const repeat = REPEAT[player.repeat];
    const press =
      (action: string, data = {}) =>
      () =>
        void api.media(action, entityId, data);
    const stops = player.playing && !can(player, Feature.PAUSE);
    return html`
      <div class="controls" dir="ltr" role="group" aria-label=${api.t("view_now_playing")}>
        ${
          can(player, Feature.SHUFFLE_SET)
            ? iconButton({
                path: mdiShuffleVariant,
                label: api.t("shuffle"),
                pressed: player.shuffle,
                kind: "extra",
                click: press("shuffle_set", { shuffle: !player.shuffle }),
              })
            : nothing
        }
        ${
          can(player, Feature.PREVIOUS_TRACK)
            ? iconButton({
                path: mdiSkipPrevious,
                label: api.t("previous"),
                kind: "skip previous",
                click: press("media_previous_track"),
              })
            : nothing
        }
        ${
          player.available
            ? iconButton({
                path: stops ? mdiStop : player.playing ? mdiPause : mdiPlay,
                label: api.t(player.playing ? "pause" : "play"),
                kind: "filled play",
                click: press(stops ? "media_stop" : player.playing ? "media_pause" : "media_play"),
              })
            : nothing
        }
        ${
          can(player, Feature.NEXT_TRACK)
            ? iconButton({
                path: mdiSkipNext,
                label: api.t("next"),
                kind: "skip",
                click: press("media_next_track"),
              })
            : nothing
        }
        ${
          can(player, Feature.REPEAT_SET)
            ? iconButton({
                path: repeat.path,
                label: api.t(repeat.label),
                kind: player.repeat === "off" ? "extra" : "extra on",
                click: press("repeat_set", { repeat: repeat.next }),
              })
            : nothing
        }
      </div>
    `;
  }

  private renderVolume(): TemplateResult | typeof nothing {
    const { player, api, controllable } = this;
    if (player.volume === undefined && player.groupVolume === undefined) return nothing;
    if (!player.available) return nothing;
    const group = groupOf(player, this.players);
    const leader = group[0] ?? player;
    const grouped = group.length > 1 && leader.groupVolume !== undefined;
    const set = grouped
      ? (level: number) =>
          void api.act("set_group_volume", player.entityId, { volume_level: level })
      : (level: number) => this.setVolume(player, level);
    const level = grouped ? leader.groupVolume : (player.volume ?? 0);
    return html`
      <div class="volume">
        ${
          controllable && can(player, Feature.VOLUME_MUTE)
            ? iconButton({
                path: player.muted ? mdiVolumeOff : mdiVolumeHigh,
                label: api.t("mute"),
                pressed: player.muted,
                click: () =>
                  void api.media("volume_mute", player.entityId, {
                    is_volume_muted: !player.muted,
                  }),
              })
            : html`<span class="symbol">${icon(mdiVolumeHigh)}</span>`
        }
        ${this.volumeSlider(api.t(grouped ? "volume_group" : "volume"), level, set, player)}
        ${
          grouped
            ? iconButton({
                path: this.members ? mdiChevronUp : mdiChevronDown,
                label: api.t("members"),
                pressed: this.members,
                click: () => (this.members = !this.members),
              })
            : nothing
        }
      </div>
      ${
        grouped && this.members
          ? html`<div class="members">
              ${group.map(
                (member) => html`
                  <div class="volume">
                    <span class="title">${member.name}</span>
                    ${this.volumeSlider(
                      api.t("volume_of", { name: member.name }),
                      member.volume ?? 0,
                      (value) => this.setVolume(member, value),
                      member,
                    )}
                  </div>
                `,
              )}
            </div>`
          : nothing
      }
    `;
  }

  private volumeSlider(
    label: string,
    level: number,
    set: (level: number) => void,
    player: Player,
  ): TemplateResult {
    const percent = Math.round(level * 100);
    return html`<music-assistant-slider
      .label=${label}
      .text="${percent} %"
      .value=${percent}
      .disabled=${!this.controllable || !can(player, Feature.VOLUME_SET)}
      @set=${(event: CustomEvent<number>) => set(event.detail)}
    ></music-assistant-slider>`;
  }

  private setVolume(player: Player, level: number): void {
    void this.api.media("volume_set", player.entityId, { volume_level: level / 100 });
  }

  private renderTools(): TemplateResult {
    const { player, api } = this;
    const media = this.media;
    const running = this.timer !== "";
    return html`
      <div class="tools">
        ${
          media
            ? iconButton({
                path: this.current?.favorite ? mdiHeart : mdiHeartOutline,
                label: api.t("favorite"),
                pressed: this.current?.favorite ?? false,
                click: () =>
                  void toggleFavorite(this, player.entityId, media).catch((e: unknown) =>
                    api.report(e),
                  ),
              })
            : nothing
        }
        ${
          this.singing || (this.isTrack && hasLyrics(this.lyrics))
            ? iconButton({
                path: mdiScriptTextOutline,
                label: api.t("lyrics"),
                pressed: this.singing,
                click: () => (this.singing = !this.singing),
              })
            : nothing
        }
        ${
          player.available
            ? iconButton({
                path: mdiSleep,
                label: running
                  ? api.t("sleep_timer_until", { time: timeText(api.hass.language, this.timer) })
                  : api.t("sleep_timer"),
                kind: running ? "on" : "",
                menu: true,
                click: (event) => this.menu(event, this.timerMenu(running), api.t("sleep_timer")),
              })
            : nothing
        }
        ${
          this.targets().length && player.title
            ? iconButton({
                path: mdiCast,
                label: api.t("transfer"),
                menu: true,
                click: (event) => this.menu(event, this.transferMenu(), api.t("transfer")),
              })
            : nothing
        }
        ${
          can(player, Feature.TURN_OFF) && player.state !== "off"
            ? iconButton({
                path: mdiPower,
                label: api.t("turn_off"),
                click: () => void api.media("turn_off", player.entityId),
              })
            : nothing
        }
        ${
          media
            ? iconButton({
                path: mdiDotsVertical,
                label: api.t("more"),
                menu: true,
                click: (event) =>
                  this.menu(event, libraryItems(this, player.entityId, media), media.name),
              })
            : nothing
        }
      </div>
    `;
  }

  /** What plays, as an item of the server's; undefined for what it can't be asked about. */
  private get media(): Media | undefined {
    const { current, player } = this;
    if (!current || !player.title || !current.media_content_id.includes("://")) return undefined;
    return {
      id: current.media_content_id,
      kind: current.media_type,
      name: player.title,
      detail: player.artist,
      image: player.image,
      canPlay: true,
      canOpen: false,
      contentType: current.media_type,
    };
  }

  private timerMenu(running: boolean): MenuItem[] {
    const { api, player } = this;
    const items: MenuItem[] = TIMERS.map((minutes) => ({
      label: api.t("minutes", { count: minutes }),
      path: mdiSleep,
      run: () => void api.act("set_sleep_timer", player.entityId, { duration: { minutes } }),
    }));
    const off = {
      label: api.t("off"),
      path: mdiPower,
      run: () => void api.act("clear_sleep_timer", player.entityId),
    };
    return running ? [...items, off] : items;
  }

  private transferMenu(): MenuItem[] {
    return this.targets().map((other) => ({
      label: other.name,
      path: mdiCast,
      run: () => void this.transferTo(other),
    }));
  }

  private async transferTo(other: Player): Promise<void> {
    const source = { source_player: this.player.entityId };
    if (await this.api.act("transfer_queue", other.entityId, source))
      this.dispatchEvent(
        new CustomEvent("music-choose", { detail: other.entityId, bubbles: true, composed: true }),
      );
  }

  static override styles = [
    shared,
    css`
      :host {
        display: flex;
        flex-direction: column;
        gap: 16px;
        height: 100%;
        min-height: 0;
        padding: 16px 20px;
      }
      .art {
        flex: 1 1 0;
        min-height: 0;
        display: flex;
        align-items: center;
        justify-content: center;
        container-type: size;
      }
      .cover.large {
        width: min(100cqw, 100cqh);
        height: min(100cqw, 100cqh);
        border-radius: 16px;
        box-shadow: 0 6px 24px rgb(0 0 0 / 18%);
      }
      .cover.large svg {
        width: 33%;
        height: 33%;
      }
      music-assistant-lyrics {
        width: 100%;
        height: 100%;
      }
      .panel {
        display: flex;
        flex-direction: column;
        gap: 10px;
        min-width: 0;
      }
      .texts {
        display: flex;
        align-items: flex-start;
        gap: 8px;
      }
      .texts .two-lines {
        align-items: flex-start;
      }
      .texts .title {
        max-width: 100%;
        border-radius: 4px;
      }
      .headline {
        font-size: 20px;
        line-height: 28px;
      }
      .by {
        display: flex;
        gap: 6px;
        max-width: 100%;
        color: var(--soft-text);
      }
      .by .title {
        font-weight: 400;
      }
      button.title:hover {
        background: none;
        text-decoration: underline;
      }
      .badge {
        flex: 0 1 auto;
        max-width: 45%;
        overflow: hidden;
        text-overflow: ellipsis;
        white-space: nowrap;
        margin-top: 4px;
        padding: 2px 8px;
        border-radius: 10px;
        background: var(--faint);
        font-size: 11px;
        line-height: 16px;
        font-weight: 500;
        letter-spacing: 0.02em;
      }
      .controls {
        display: flex;
        align-items: center;
        justify-content: space-between;
        max-width: 360px;
        width: 100%;
        margin-inline: auto;
      }
      .controls .skip {
        width: 48px;
        height: 48px;
      }
      .controls .skip svg {
        width: 32px;
        height: 32px;
      }
      .controls .play {
        width: 60px;
        height: 60px;
        border-radius: 20px;
      }
      .controls .play svg {
        width: 34px;
        height: 34px;
      }
      .on {
        background: color-mix(in srgb, var(--accent) 24%, transparent);
      }
      .volume {
        display: flex;
        align-items: center;
        gap: 8px;
      }
      .volume .symbol {
        width: 40px;
        display: flex;
        justify-content: center;
      }
      .members {
        display: grid;
        gap: 8px;
        max-height: 132px;
        overflow-y: auto;
      }
      .members .title {
        flex: 0 0 30%;
        font-weight: 400;
      }
      .tools {
        display: flex;
        justify-content: space-evenly;
      }
      /* Wider than tall: the cover beside the rest. */
      @container card (aspect-ratio > 4 / 3) and (width < 700px) {
        :host {
          flex-direction: row;
          align-items: center;
        }
        .art {
          flex: 0 1 42%;
          height: 100%;
        }
        .panel {
          flex: 1;
        }
      }
      /* Where there is little height, the cover gives way. */
      @container card (height < 400px) {
        :host(:not([compact])) {
          gap: 8px;
          padding-block: 8px;
        }
        :host(:not([compact])) .tools {
          display: none;
        }
        .controls .play {
          width: 48px;
          height: 48px;
          border-radius: 16px;
        }
      }
      :host([compact]) {
        flex-direction: row;
        align-items: center;
        padding: 12px;
        gap: 16px;
      }
      :host([compact]) .art {
        flex: 0 0 auto;
        height: 100%;
        aspect-ratio: 1;
        max-width: 40%;
      }
      :host([compact]) .cover.large {
        border-radius: 12px;
        box-shadow: none;
      }
      :host([compact]) .panel {
        flex: 1;
        gap: 2px;
      }
      :host([compact]) .headline {
        font-size: 16px;
        line-height: 22px;
      }
      :host([compact]) .controls .play {
        width: 44px;
        height: 44px;
        border-radius: 16px;
      }
      :host([compact]) .controls .play svg {
        width: 26px;
        height: 26px;
      }
      @container card (height < 150px) {
        music-assistant-progress {
          display: none;
        }
      }
      @container card (width < 400px) {
        :host([compact]) .extra {
          display: none;
        }
      }
      /* A card that is half as wide as a section, or less. */
      @container card (width < 300px) {
        .controls .extra {
          display: none;
        }
        :host {
          padding-inline: 12px;
        }
        :host([compact]) .badge {
          display: none;
        }
      }
      @container card (width < 260px) {
        :host([compact]) .skip {
          width: 36px;
          height: 36px;
        }
      }
      @container card (width < 220px) {
        :host([compact]) .previous {
          display: none;
        }
        :host([compact]) {
          gap: 8px;
        }
      }
    `,
  ];
}
