import { css, html, LitElement, nothing, type TemplateResult } from "lit";
import { property, state } from "lit/decorators.js";

import type { MusicApi } from "../api.js";
import { clockText, positionAt } from "../clock.js";
import { can, Feature, type Player } from "../players.js";
import { shared } from "../styles.js";

/** Where in the song one is; by itself, so that nothing else renders every second. */
export class Progress extends LitElement {
  @property({ attribute: false }) api!: MusicApi;
  @property({ attribute: false }) player!: Player;
  @property({ type: Boolean }) active = true;
  @property({ type: Boolean }) controllable = true;
  @state() private slid: number | undefined;
  private timer: ReturnType<typeof setTimeout> | undefined;

  override connectedCallback(): void {
    super.connectedCallback();
    this.requestUpdate();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearTimeout(this.timer);
  }

  protected override updated(): void {
    clearTimeout(this.timer);
    if (!this.active || !this.isConnected || !this.player.playing) return;
    const position = positionAt(this.player, Date.now());
    if (position === undefined) return;
    this.timer = setTimeout(() => this.requestUpdate(), 1010 - (position % 1) * 1000);
  }

  protected override render(): TemplateResult | typeof nothing {
    const { player } = this;
    const position = positionAt(player, Date.now());
    if (position === undefined || !player.duration) return nothing;
    const seekable = this.controllable && can(player, Feature.SEEK);
    const shown = this.slid ?? position;
    const text = `${clockText(shown)} / ${clockText(player.duration)}`;
    return html`
      <music-assistant-slider
        thin
        .label=${this.api.t("position")}
        .text=${text}
        .value=${Math.floor(position)}
        .max=${Math.floor(player.duration)}
        .disabled=${!seekable}
        @slide=${(event: CustomEvent<number>) => (this.slid = event.detail)}
        @set=${this.seek}
      ></music-assistant-slider>
      <div class="times" aria-hidden="true">
        <span>${clockText(shown)}</span><span>${clockText(player.duration)}</span>
      </div>
    `;
  }

  private seek(event: CustomEvent<number>): void {
    this.slid = undefined;
    const position = { seek_position: event.detail };
    void this.api.media("media_seek", this.player.entityId, position);
  }

  static override styles = [
    shared,
    css`
      .times {
        display: flex;
        justify-content: space-between;
        margin-top: -4px;
        font-size: 12px;
        line-height: 16px;
        color: var(--soft-text);
        font-variant-numeric: tabular-nums;
      }
    `,
  ];
}
