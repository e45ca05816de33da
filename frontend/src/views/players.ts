import { mdiCast, mdiLinkVariant, mdiLinkVariantOff, mdiSpeaker, mdiSpeakerOff } from "@mdi/js";
import { css, html, nothing, type TemplateResult } from "lit";
import { property } from "lit/decorators.js";
import { classMap } from "lit/directives/class-map.js";
import { repeat } from "lit/directives/repeat.js";

import { MusicElement } from "../elements/base.js";
import { can, Feature, type Player } from "../players.js";
import { shared } from "../styles.js";
import { cover, hint, iconButton } from "../templates.js";

/** All players: what they play, how loud, and with whom. */
export class PlayersView extends MusicElement {
  /** The one that the card is about. */
  @property({ attribute: false }) player!: Player;
  @property({ attribute: false }) players: readonly Player[] = [];
  @property({ attribute: false }) denied: ReadonlySet<string> = new Set();

  private mayControl = (player: Player): boolean => !this.denied.has(player.entityId);

  protected override render(): TemplateResult {
    const { players, api } = this;
    if (!players.length) return hint(mdiSpeakerOff, api.t("no_players"));
    return html`
      <div class="scroller" role="list">
        ${repeat(
          players,
          (player) => player.entityId,
          (player) => this.renderPlayer(player),
        )}
      </div>
    `;
  }

  private renderPlayer(player: Player): TemplateResult {
    const { api } = this;
    const chosen = player.entityId === this.player.entityId;
    const controllable = this.mayControl(player) && player.available;
    const detail = !player.available
      ? api.t("unavailable")
      : player.title
        ? [player.title, player.artist].filter(Boolean).join(" · ")
        : api.t(player.state === "off" ? "off" : "nothing_plays");
    const volume = Math.round((player.volume ?? 0) * 100);
    return html`
      <div class="player ${classMap({ chosen })}" role="listitem">
        <div class="row">
          <button
            type="button"
            class="main"
            aria-pressed=${chosen}
            @click=${() => this.choose(player)}
          >
            ${
              player.title
                ? cover(api.url(player.image), mdiSpeaker)
                : html`<span class="cover"><ha-icon .icon=${player.icon}></ha-icon></span>`
            }
            <span class="two-lines">
              <span class="title">${player.name}</span>
              <span class="detail" dir="auto">${detail}</span>
            </span>
            ${player.playing ? html`<span class="bars" aria-hidden="true"><i></i><i></i><i></i></span>` : nothing}
          </button>
          ${controllable && !chosen ? this.renderButtons(player) : nothing}
        </div>
        ${
          controllable && can(player, Feature.VOLUME_SET) && player.state !== "off"
            ? html`<music-assistant-slider
                .label=${api.t("volume_of", { name: player.name })}
                .text="${volume} %"
                .value=${volume}
                @set=${(event: CustomEvent<number>) =>
                  void api.media("volume_set", player.entityId, {
                    volume_level: event.detail / 100,
                  })}
              ></music-assistant-slider>`
            : nothing
        }
      </div>
    `;
  }

  private renderButtons(player: Player): TemplateResult {
    const { api, player: chosen } = this;
    const together = chosen.members.includes(player.entityId);
    const joinable =
      this.mayControl(chosen) &&
      can(chosen, Feature.GROUPING) &&
      (together || chosen.canGroupWith.includes(player.entityId));
    return html`
      ${
        chosen.title && !together && this.mayControl(chosen)
          ? iconButton({
              path: mdiCast,
              label: api.t("transfer_to", { name: chosen.name }),
              kind: "small",
              click: () => void this.transfer(player),
            })
          : nothing
      }
      ${
        joinable
          ? iconButton({
              path: together ? mdiLinkVariantOff : mdiLinkVariant,
              label: together
                ? api.t("leave_group", { name: chosen.name })
                : api.t("group_with", { name: chosen.name }),
              kind: "small",
              pressed: together,
              click: () => void this.toggleGroup(player, together),
            })
          : nothing
      }
    `;
  }

  private toggleGroup(player: Player, together: boolean): Promise<boolean> {
    const { api, player: chosen } = this;
    if (together) return api.media("unjoin", player.entityId);
    const leader = chosen.members[0] ?? chosen.entityId;
    return api.media("join", leader, { group_members: [player.entityId] });
  }

  private async transfer(player: Player): Promise<void> {
    const source = { source_player: this.player.entityId };
    if (await this.api.act("transfer_queue", player.entityId, source)) this.choose(player);
  }

  private choose(player: Player): void {
    this.dispatchEvent(
      new CustomEvent("music-choose", { detail: player.entityId, bubbles: true, composed: true }),
    );
  }

  static override styles = [
    shared,
    css`
      :host {
        height: 100%;
        min-height: 0;
      }
      .scroller {
        height: 100%;
        display: flex;
        flex-direction: column;
        gap: 8px;
        padding: 8px 12px 12px;
      }
      .player {
        flex: none;
        border-radius: 16px;
        background: var(--fainter);
        padding-bottom: 0;
      }
      .player.chosen {
        background: color-mix(in srgb, var(--accent) 18%, transparent);
      }
      .row {
        gap: 0;
      }
      music-assistant-slider {
        padding: 0 12px 12px;
        --height: 28px;
      }
      .bars {
        display: flex;
        align-items: flex-end;
        gap: 2px;
        height: 14px;
        margin-inline-end: 8px;
      }
      .bars i {
        width: 3px;
        height: 100%;
        border-radius: 1px;
        background: var(--accent);
        transform-origin: bottom;
        animation: dance 1.1s ease-in-out infinite alternate;
      }
      .bars i:nth-child(2) {
        animation-delay: -0.7s;
      }
      .bars i:nth-child(3) {
        animation-delay: -0.3s;
      }
      @keyframes dance {
        from {
          transform: scaleY(0.3);
        }
      }
      @media (prefers-reduced-motion: reduce) {
        .bars i {
          animation: none;
        }
      }
    `,
  ];
}
