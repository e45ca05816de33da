import { mdiScriptTextOutline } from "@mdi/js";
import { css, html, type PropertyValues, type TemplateResult } from "lit";
import { property, state } from "lit/decorators.js";
import { classMap } from "lit/directives/class-map.js";

import { positionAt } from "../clock.js";
import { MusicElement } from "../elements/base.js";
import { lineAt, type Lyrics, type LyricsLine } from "../lyrics.js";
import { can, Feature, type Player } from "../players.js";
import { shared } from "../styles.js";
import { hint, spinner } from "../templates.js";

/** The words of the song, the line that is sung in the middle. */
export class LyricsView extends MusicElement {
  @property({ attribute: false }) player!: Player;
  @property({ type: Boolean }) active = true;
  @property({ type: Boolean }) controllable = true;
  /** Undefined while they are loading. */
  @property({ attribute: false }) lyrics: Lyrics | undefined;
  @state() private line = -1;
  private timer: ReturnType<typeof setTimeout> | undefined;

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearTimeout(this.timer);
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has("lyrics")) this.line = -1;
    this.follow();
  }

  protected override updated(changed: PropertyValues): void {
    if (!(changed as PropertyValues<{ line: number }>).has("line")) return;
    const box = this.renderRoot.querySelector(".lines");
    const line = box?.querySelector<HTMLElement>(".sung");
    if (!box || !line) return;
    const top = line.offsetTop - box.clientHeight / 2 + line.offsetHeight / 2;
    box.scrollTo({ top, behavior: "smooth" });
  }

  /** Note which line is sung, and come back when the next one is. */
  private follow(): void {
    clearTimeout(this.timer);
    const lines = this.lyrics?.lines ?? [];
    const position = positionAt(this.player, Date.now());
    if (!lines.length || position === undefined || !this.active) return;
    this.line = lineAt(lines, position);
    const next = lines[this.line + 1];
    if (next && this.player.playing && this.isConnected)
      this.timer = setTimeout(() => this.requestUpdate(), (next.time - position) * 1000 + 20);
  }

  protected override render(): TemplateResult {
    const { lyrics, api } = this;
    if (!lyrics) return spinner(api.t("loading"));
    if (lyrics.lines.length) return this.renderLines(lyrics.lines);
    if (lyrics.lyrics)
      return html`<div class="lines scroller plain" tabindex="0">${lyrics.lyrics}</div>`;
    return hint(mdiScriptTextOutline, api.t("no_lyrics"));
  }

  private renderLines(lines: readonly LyricsLine[]): TemplateResult {
    const seekable = this.controllable && can(this.player, Feature.SEEK);
    return html`
      <div class="lines scroller" tabindex="0" aria-label=${this.api.t("lyrics")} role="group">
        ${lines.map(
          (line, at) => html`
            <button
              type="button"
              class=${classMap({ sung: at === this.line, past: at < this.line })}
              aria-current=${at === this.line ? "true" : "false"}
              ?disabled=${!seekable}
              @click=${() =>
                void this.api.media("media_seek", this.player.entityId, {
                  seek_position: line.time,
                })}
            >
              ${line.text || "♪"}
            </button>
          `,
        )}
      </div>
    `;
  }

  static override styles = [
    shared,
    css`
      .lines {
        position: relative;
        height: 100%;
        padding-block: 30% 40%;
        text-align: center;
      }
      .plain {
        padding-block: 8px;
        white-space: pre-line;
        font-size: 16px;
        line-height: 26px;
      }
      .lines button {
        display: block;
        width: 100%;
        padding: 6px 8px;
        text-align: center;
        font-size: 18px;
        line-height: 26px;
        font-weight: 500;
        color: var(--soft-text);
        opacity: 1;
        transition:
          color var(--quick),
          transform var(--quick);
      }
      .lines .sung {
        color: var(--text);
        transform: scale(1.08);
        font-weight: 700;
      }
    `,
  ];
}
