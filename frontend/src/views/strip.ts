import { mdiPause, mdiPlay, mdiSkipNext, mdiStop } from "@mdi/js";
import { css, html, nothing, type TemplateResult } from "lit";
import { property } from "lit/decorators.js";

import { MusicElement } from "../elements/base.js";
import { can, Feature, type Player } from "../players.js";
import { shared } from "../styles.js";
import { cover, iconButton, kindIcon } from "../templates.js";

/** A player in one row: what plays, play and skip. */
export class Strip extends MusicElement {
  @property({ attribute: false }) player!: Player;
  @property({ type: Boolean }) controllable = true;
  /** Whether the player's name is told, or only what plays. */
  @property({ type: Boolean }) named = false;
  @property() label = "";

  protected override render(): TemplateResult {
    const { player, api } = this;
    const playing = [player.title, player.artist].filter(Boolean);
    const state = api.t(
      !player.available ? "unavailable" : player.state === "off" ? "off" : "nothing_plays",
    );
    const [title, detail] = this.named
      ? [player.name, playing.join(" · ") || state]
      : [player.title || player.name, player.title ? player.artist || player.name : state];
    const stops = player.playing && !can(player, Feature.PAUSE);
    const action = stops ? "media_stop" : player.playing ? "media_pause" : "media_play";
    const path = stops ? mdiStop : player.playing ? mdiPause : mdiPlay;
    return html`
      <div class="row">
        <button
          type="button"
          class="main"
          @click=${() => this.dispatchEvent(new CustomEvent("open"))}
        >
          ${
            player.image && player.title
              ? cover(api.url(player.image), kindIcon("track"))
              : html`<span class="cover"><ha-icon .icon=${player.icon}></ha-icon></span>`
          }
          <span class="two-lines">
            <span class="title" dir="auto">${title}</span
            ><span class="detail" dir="auto">${detail}</span>
          </span>
        </button>
        ${
          this.controllable && player.available && (player.title || player.playing)
            ? html`<div class="buttons" dir="ltr">
                ${iconButton({
                  path,
                  label: `${api.t(player.playing ? "pause" : "play")}: ${player.name}`,
                  click: () => void api.media(action, player.entityId),
                })}
                ${
                  can(player, Feature.NEXT_TRACK)
                    ? iconButton({
                        path: mdiSkipNext,
                        label: `${api.t("next")}: ${player.name}`,
                        kind: "skip",
                        click: () => void api.media("media_next_track", player.entityId),
                      })
                    : nothing
                }
              </div>`
            : nothing
        }
      </div>
    `;
  }

  static override styles = [
    shared,
    css`
      .buttons {
        display: flex;
      }
      :host {
        height: 100%;
        display: grid;
        grid-template-columns: minmax(0, 1fr);
        align-items: center;
      }
      .cover {
        width: 40px;
        height: 40px;
      }
      @container card (width < 240px) {
        .buttons .skip {
          display: none;
        }
      }
    `,
  ];
}
