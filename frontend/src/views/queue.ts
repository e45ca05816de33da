import {
  mdiContentSaveOutline,
  mdiCrosshairsGps,
  mdiDotsVertical,
  mdiDragHorizontalVariant,
  mdiPlay,
  mdiPlaylistMusic,
  mdiPlaylistPlay,
  mdiPlaylistRemove,
  mdiTrashCanOutline,
  mdiVolumeHigh,
} from "@mdi/js";
import { css, html, nothing, type TemplateResult } from "lit";
import { property, query, state } from "lit/decorators.js";
import { classMap } from "lit/directives/class-map.js";
import { repeat } from "lit/directives/repeat.js";
import { styleMap } from "lit/directives/style-map.js";

import { clockText } from "../clock.js";
import { MusicElement } from "../elements/base.js";
import type { MenuItem } from "../elements/menu.js";
import type { Media } from "../media.js";
import { libraryItems } from "../media-menu.js";
import type { Player } from "../players.js";
import { moveRow, removeRow, type QueueRow } from "../queue.js";
import type { QueueStore } from "../queue-store.js";
import { MOST_ROWS, rowsIn } from "../rows.js";
import { shared } from "../styles.js";
import { cover, hint, icon, iconButton, kindIcon } from "../templates.js";

const HEIGHT = 56;
const SWIPE = 96;
const EDGE = 48;
/** As many items as are put back when the rest of a queue was removed by mistake. */
const MOST_RESTORED = 500;

interface Drag {
  readonly id: string;
  readonly from: number;
  readonly grip: number;
  /** Where the pointer is, and what index that is. */
  readonly y: number;
  readonly to: number;
}

interface Swipe {
  readonly id: string;
  readonly index: number;
  readonly x: number;
  readonly by: number;
}

export class QueueView extends MusicElement {
  @property({ attribute: false }) player!: Player;
  @property({ attribute: false }) store!: QueueStore;
  /** Rises with each change of the store. */
  @property({ type: Number }) version = 0;
  @property({ type: Boolean }) controllable = true;
  @state() private top = 0;
  @state() private viewport = 400;
  @state() private drag: Drag | undefined;
  @state() private swipe: Swipe | undefined;
  @state() private said = "";
  @query(".scroller") private scroller!: HTMLElement | null;
  private shownCurrent: number | undefined;
  private shownQueue: string | undefined;
  private focusOn: string | undefined;
  private resizes = new ResizeObserver(() => (this.viewport = this.scroller?.clientHeight ?? 400));

  override connectedCallback(): void {
    super.connectedCallback();
    this.shownCurrent = undefined;
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.resizes.disconnect();
  }

  protected override updated(): void {
    if (this.scroller) this.resizes.observe(this.scroller);
    const { queue } = this.store;
    if (queue.queueId !== this.shownQueue || queue.current !== this.shownCurrent)
      this.followCurrent();
    const { first, end } = this.rows;
    this.store.need(first, end);
    if (this.focusOn) {
      const handle = this.renderRoot.querySelector<HTMLElement>(`[data-handle="${this.focusOn}"]`);
      handle?.focus();
      this.focusOn = undefined;
    }
  }

  private get rows(): { first: number; end: number } {
    return rowsIn(this.top, this.viewport, HEIGHT, this.store.queue.count);
  }

  /** Scroll along with the music, unless the user looks at something else. */
  private followCurrent(): void {
    const { queueId, current } = this.store.queue;
    const was = this.shownCurrent;
    const seen = was !== undefined && Math.abs(was * HEIGHT - this.top) < this.viewport;
    if (this.scroller && (queueId !== this.shownQueue || was === undefined || seen))
      this.showCurrent();
    this.shownQueue = queueId;
    this.shownCurrent = current;
  }

  private showCurrent(): void {
    const current = this.store.queue.current ?? 0;
    this.top = Math.max(0, current - 1) * HEIGHT;
    this.scroller?.scrollTo({ top: this.top });
  }

  protected override render(): TemplateResult {
    const { queue } = this.store;
    const { api } = this;
    if (!queue.count)
      return hint(
        mdiPlaylistMusic,
        api.t("queue_empty"),
        this.controllable && api.views.includes("library") ? api.t("queue_empty_hint") : "",
      );
    const { first, end } = this.rows;
    const indexes = Array.from({ length: end - first }, (_, at) => first + at);
    return html`
      <div class="head">
        <span class="detail" dir="ltr">${(queue.current ?? -1) + 1} / ${queue.count}</span>
        <span class="gap"></span>
        ${iconButton({
          path: mdiCrosshairsGps,
          label: api.t("show_current"),
          kind: "small",
          click: () => this.showCurrent(),
        })}
        ${
          this.controllable
            ? html`${iconButton({
                path: mdiContentSaveOutline,
                label: api.t("save_as_playlist"),
                kind: "small",
                click: () => void this.save(),
              })}
              ${iconButton({
                path: mdiPlaylistRemove,
                label: api.t("clear_next"),
                kind: "small",
                click: () => void this.clearFrom().catch((e: unknown) => api.report(e)),
              })}`
            : nothing
        }
      </div>
      <div class="scroller" @scroll=${this.onScroll}>
        <div class="sizer" role="list" style="height: ${queue.count * HEIGHT}px">
          ${repeat(
            indexes,
            (index) => index % MOST_ROWS, // rows that scroll out are those that come in
            (index) => this.renderRow(index),
          )}
        </div>
      </div>
      <div class="said" role="status">${this.said}</div>
    `;
  }

  private renderRow(index: number): TemplateResult {
    const row = this.store.row(index);
    const top = `translateY(${this.topOf(index)}px)`;
    const { queue } = this.store;
    if (!row)
      return html`<div class="row empty" role="listitem" style=${styleMap({ transform: top })}>
        <span class="cover"></span>
      </div>`;
    const { api } = this;
    const id = row.queue_item_id;
    const current = index === queue.current;
    const swiped = this.swipe?.id === id ? this.swipe.by : 0;
    const classes = {
      current,
      dragged: this.drag?.id === id,
      played: index < (queue.current ?? 0),
      away: !row.playable,
    };
    const content = html`
      ${cover(api.url(row.media_image || undefined), kindIcon(row.media_type))}
      ${current ? html`<span class="now">${icon(mdiVolumeHigh)}</span>` : nothing}
      <span class="two-lines" style=${swiped ? `transform: translateX(${swiped}px)` : nothing}>
        <span class="title" dir="auto">${row.media_title}</span>
        <span class="detail" dir="auto"
          >${[row.media_artist, row.media_album_name].filter(Boolean).join(" · ")}</span
        >
      </span>
      ${row.duration ? html`<span class="detail time">${clockText(row.duration)}</span>` : nothing}
    `;
    return html`
      <div
        class="row ${classMap(classes)}"
        role="listitem"
        aria-setsize=${queue.count}
        aria-posinset=${index + 1}
        aria-current=${current ? "true" : nothing}
        style=${styleMap({ transform: top })}
      >
        ${
          this.controllable
            ? html`<button
                  type="button"
                  class="main"
                  @click=${() => void this.playItem(row)}
                  @pointerdown=${(event: PointerEvent) => this.startSwipe(event, row, index)}
                  @pointermove=${this.onSwipe}
                  @pointerup=${this.endSwipe}
                  @pointercancel=${() => (this.swipe = undefined)}
                >
                  ${content}
                </button>
                ${iconButton({
                  path: mdiDotsVertical,
                  label: `${api.t("more")}: ${row.media_title}`,
                  kind: "small",
                  menu: true,
                  click: (event) => this.menu(event, this.rowMenu(row, index), row.media_title),
                })}
                ${
                  index > (queue.current ?? -1)
                    ? html`<button
                        type="button"
                        class="icon small handle"
                        aria-label=${api.t("move", { name: row.media_title })}
                        data-handle=${id}
                        @pointerdown=${(event: PointerEvent) => this.startDrag(event, id, index)}
                        @pointermove=${this.onDrag}
                        @pointerup=${this.endDrag}
                        @pointercancel=${() => (this.drag = undefined)}
                        @keydown=${(event: KeyboardEvent) => this.onHandleKey(event, row, index)}
                      >
                        ${icon(mdiDragHorizontalVariant)}
                      </button>`
                    : html`<span class="handle"></span>`
                }`
            : html`<div class="main">${content}</div>`
        }
      </div>
    `;
  }

  /** Return where a row is, others giving way to the one that is dragged. */
  private topOf(index: number): number {
    const { drag } = this;
    if (!drag) return index * HEIGHT;
    if (index === drag.from) return drag.y - drag.grip;
    if (index > drag.from && index <= drag.to) return (index - 1) * HEIGHT;
    if (index < drag.from && index >= drag.to) return (index + 1) * HEIGHT;
    return index * HEIGHT;
  }

  private onScroll(event: Event): void {
    const { scrollTop } = event.currentTarget as HTMLElement;
    // rendering waits for a new row to be needed
    const [was, now] = [
      this.rows,
      rowsIn(scrollTop, this.viewport, HEIGHT, this.store.queue.count),
    ];
    if (was.first !== now.first || was.end !== now.end) this.top = scrollTop;
  }

  // ------------------------------------------------------------------------------- actions

  private async playItem(row: QueueRow): Promise<void> {
    await this.api.act("play_queue_item", this.player.entityId, {
      queue_item_id: row.queue_item_id,
    });
  }

  private rowMenu(row: QueueRow, index: number): MenuItem[] {
    const { api, player } = this;
    const current = this.store.queue.current ?? -1;
    const upcoming = index > current;
    const items: (MenuItem | false)[] = [
      { label: api.t("play_now"), path: mdiPlay, run: () => void this.playItem(row) },
      index > current + 1 && {
        label: api.t("play_next"),
        path: mdiPlaylistPlay,
        run: () => void this.move(row, index, current + 1),
      },
      upcoming && {
        label: api.t("remove"),
        path: mdiTrashCanOutline,
        run: () => void this.removeItem(row, index),
      },
      upcoming && {
        label: api.t("clear_from_here"),
        path: mdiPlaylistRemove,
        run: () => void this.clearFrom({ row, index }).catch((e: unknown) => api.report(e)),
      },
      ...libraryItems(this, player.entityId, mediaOf(row)),
    ];
    return items.filter((item) => item !== false);
  }

  private async move(row: QueueRow, from: number, to: number): Promise<void> {
    const { store, api } = this;
    if (from === to) return;
    const id = row.queue_item_id;
    const data = { queue_item_id: id, position: to + 1 };
    const call = api.act("move_queue_item", this.player.entityId, data);
    if (await store.expect(moveRow(store.queue, id, to), call))
      this.said = api.t("item_moved", { name: row.media_title, position: to + 1 });
  }

  private async removeItem(row: QueueRow, index: number): Promise<void> {
    const { store, api, player } = this;
    const id = row.queue_item_id;
    const call = api.act("remove_queue_item", player.entityId, { queue_item_id: id });
    if (await store.expect(removeRow(store.queue, id), call))
      api.toast(api.t("item_removed", { name: row.media_title }), {
        text: api.t("undo"),
        action: () => void this.restore(row, index).catch((e: unknown) => api.report(e)),
      });
  }

  /** Put an item back where it was: the server puts it next, from there it is moved. */
  private async restore(row: QueueRow, index: number): Promise<void> {
    const { api, player } = this;
    const upcoming = (): Promise<QueueRow[] | undefined> =>
      api.askPlayer("get_queue_items", player.entityId, { limit_before: 0, limit_after: 5 });
    const before = new Set((await upcoming())?.map((each) => each.queue_item_id));
    const media = { media_id: row.media_content_id, enqueue: "next", queue: "active" };
    if (!(await api.act("play_media", player.entityId, media))) return;
    const back = (await upcoming())?.find((each) => !before.has(each.queue_item_id));
    if (back && back.position !== index + 1)
      await api.act("move_queue_item", player.entityId, {
        queue_item_id: back.queue_item_id,
        position: index + 1,
      });
  }

  /** Remove what comes next, or an item and what comes after it. */
  private async clearFrom(from?: { row: QueueRow; index: number }): Promise<void> {
    const { api, player, store } = this;
    const { entityId } = player;
    const first = from?.index ?? (store.queue.current ?? -1) + 1;
    const count = store.queue.count - first;
    if (count <= 0) return;
    const restorable = count <= MOST_RESTORED;
    if (!restorable && !(await this.confirmClear(count))) return;
    const read = (): Promise<QueueRow[]> => api.queueItems(entityId, first, MOST_RESTORED);
    const rows = restorable ? await read() : [];
    const data = from && { queue_item_id: from.row.queue_item_id };
    if (!(await api.act("clear_queue_from_here", entityId, data))) return;
    // what the player has loaded stays
    const kept = new Set(restorable ? (await read()).map((row) => row.queue_item_id) : []);
    const ids = rows
      .filter((row) => !kept.has(row.queue_item_id))
      .map((row) => row.media_content_id);
    const undo = {
      text: api.t("undo"),
      action: () =>
        void api.act("play_media", entityId, { media_id: ids, enqueue: "add", queue: "active" }),
    };
    api.toast(api.t("items_removed"), ids.length ? undo : undefined);
  }

  private async confirmClear(count: number): Promise<boolean> {
    const { api } = this;
    const answer = await this.ask({
      title: api.t("clear_question", { count }),
      confirm: api.t("remove"),
      cancel: api.t("cancel"),
    });
    return answer !== undefined;
  }

  private async save(): Promise<void> {
    const { api } = this;
    const name = await this.ask({
      title: api.t("save_as_playlist"),
      label: api.t("name"),
      confirm: api.t("save"),
      cancel: api.t("cancel"),
    });
    if (name && (await api.act("save_queue_as_playlist", this.player.entityId, { name })))
      api.toast(api.t("playlist_saved", { name }));
  }

  // ------------------------------------------------------------------------------- pointers

  private startDrag(event: PointerEvent, id: string, from: number): void {
    (event.currentTarget as HTMLElement).setPointerCapture(event.pointerId);
    const y = this.inList(event);
    this.drag = { id, from, to: from, y, grip: y - from * HEIGHT };
  }

  private onDrag(event: PointerEvent): void {
    const { drag, scroller } = this;
    if (!drag || !scroller) return;
    const box = scroller.getBoundingClientRect();
    if (event.clientY < box.top + EDGE) scroller.scrollBy(0, -12);
    if (event.clientY > box.bottom - EDGE) scroller.scrollBy(0, 12);
    const y = this.inList(event);
    const { count, current } = this.store.queue;
    const at = Math.round((y - drag.grip) / HEIGHT);
    this.drag = { ...drag, y, to: Math.min(Math.max(at, (current ?? -1) + 1), count - 1) };
  }

  private endDrag(): void {
    const { drag } = this;
    this.drag = undefined;
    const row = drag && this.store.row(drag.from);
    if (row) void this.move(row, drag.from, drag.to);
  }

  private inList(event: PointerEvent): number {
    const list = this.renderRoot.querySelector(".sizer");
    return event.clientY - (list?.getBoundingClientRect().top ?? 0);
  }

  private onHandleKey(event: KeyboardEvent, row: QueueRow, index: number): void {
    const by = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    const { count, current } = this.store.queue;
    if (by === undefined) return;
    event.preventDefault();
    const to = Math.min(Math.max(index + by, (current ?? -1) + 1), count - 1);
    this.focusOn = row.queue_item_id;
    void this.move(row, index, to);
  }

  private startSwipe(event: PointerEvent, row: QueueRow, index: number): void {
    if (event.pointerType === "touch" && index > (this.store.queue.current ?? -1))
      this.swipe = { id: row.queue_item_id, index, x: event.clientX, by: 0 };
  }

  private onSwipe(event: PointerEvent): void {
    if (this.swipe) this.swipe = { ...this.swipe, by: event.clientX - this.swipe.x };
  }

  private endSwipe(event: PointerEvent): void {
    const { swipe } = this;
    this.swipe = undefined;
    if (!swipe || Math.abs(swipe.by) < SWIPE) return;
    event.preventDefault();
    const row = this.store.row(swipe.index);
    if (row) void this.removeItem(row, swipe.index);
  }

  static override styles = [
    shared,
    css`
      :host {
        display: flex;
        flex-direction: column;
        height: 100%;
        min-height: 0;
      }
      .head {
        display: flex;
        align-items: center;
        padding-inline: 16px 8px;
        height: 44px;
        flex: none;
      }
      .gap {
        flex: 1;
      }
      .scroller {
        flex: 1;
        min-height: 0;
        padding-inline: 8px;
      }
      .sizer {
        position: relative;
        overflow: hidden;
      }
      .row {
        position: absolute;
        inset-inline: 0;
        top: 0;
        contain: layout paint style;
      }
      .row > .main {
        touch-action: pan-y;
        position: relative;
      }
      .current {
        background: color-mix(in srgb, var(--accent) 18%, transparent);
      }
      .played .cover,
      .away .cover {
        opacity: 0.55;
      }
      .played .title,
      .played .detail {
        font-weight: 400;
        color: var(--soft-text);
      }
      .away .title {
        text-decoration: line-through;
      }
      .now {
        position: absolute;
        inset-inline-start: 0;
        width: 44px;
        height: 44px;
        border-radius: 8px;
        display: grid;
        place-items: center;
        background: rgb(0 0 0 / 45%);
        color: #fff;
      }
      .dragged {
        z-index: 1;
        background: var(--surface);
        box-shadow: 0 4px 16px rgb(0 0 0 / 30%);
      }
      .time {
        font-variant-numeric: tabular-nums;
      }
      .handle {
        width: 36px;
        flex: none;
        touch-action: none;
        cursor: grab;
        color: var(--soft-text);
      }
      span.handle {
        cursor: default;
      }
      .said {
        position: absolute;
        width: 1px;
        height: 1px;
        overflow: hidden;
        clip-path: inset(50%);
      }
      @container card (width < 380px) {
        .time {
          display: none;
        }
        .row button.small,
        .handle {
          width: 32px;
        }
      }
    `,
  ];
}

function mediaOf(row: QueueRow): Media {
  return {
    id: row.media_content_id,
    kind: row.media_type,
    name: row.media_title,
    detail: row.media_artist,
    image: row.media_image || undefined,
    canPlay: row.playable,
    canOpen: false,
    contentType: row.media_type,
    favorite: row.favorite,
  };
}
