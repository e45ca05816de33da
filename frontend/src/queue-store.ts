/** Keeps the queue of a player: what the subscription sends, and pages of what is far away. */

import type { MusicApi } from "./api.js";
import type { Unsubscribe } from "./ha.js";
import {
  applyDifference,
  EMPTY_QUEUE,
  mayHaveMoved,
  rowAt,
  type Queue,
  type QueueRow,
} from "./queue.js";

const PAGE = 100;
/** How many pages are kept. */
const MOST_PAGES = 10;

export class QueueStore {
  /** The queue as it is shown: with what was asked for and is not yet done. */
  queue: Queue = EMPTY_QUEUE;
  private confirmed: Queue = EMPTY_QUEUE;
  private pages = new Map<number, readonly QueueRow[]>();
  private stale = new Set<number>();
  private loading = new Set<number>();
  private entityId: string | undefined;
  /** Whose queue is kept while none is followed. */
  private shownOf: string | undefined;
  private subscription: Promise<Unsubscribe | undefined> | undefined;
  private messages = 0;

  constructor(
    private readonly api: () => MusicApi,
    private readonly changed: () => void,
  ) {}

  /** Follow the queue of a player, or none for the time being. */
  follow(entityId: string | undefined): void {
    if (entityId === this.entityId) return;
    this.stop();
    this.entityId = entityId;
    if (entityId === undefined) return;
    if (entityId !== this.shownOf) this.forget();
    this.shownOf = entityId;
    this.start(entityId);
  }

  /** Return the item at an index; undefined until it was loaded. */
  row(index: number): QueueRow | undefined {
    return rowAt(this.queue, index) ?? this.pages.get(Math.floor(index / PAGE))?.[index % PAGE];
  }

  /** Load what is missing of some rows. */
  need(first: number, end: number): void {
    for (let page = Math.floor(first / PAGE); page * PAGE < end; page += 1) {
      const [from, to] = [Math.max(first, page * PAGE), Math.min(end, (page + 1) * PAGE)];
      for (let index = from; index < to; index += 1) {
        const known = rowAt(this.queue, index) ?? (this.pages.has(page) && !this.stale.has(page));
        if (!known) {
          void this.load(page);
          break;
        }
      }
    }
  }

  /** Show a change until the server has made it, or has refused to. */
  async expect(queue: Queue, done: Promise<boolean>): Promise<boolean> {
    const before = this.messages;
    this.queue = queue;
    this.changed();
    const success = await done;
    if (!success || this.messages !== before) {
      this.queue = this.confirmed;
      this.changed();
    }
    return success;
  }

  private start(entityId: string): void {
    this.subscription = this.api()
      .subscribeQueue(entityId, (difference) => {
        if (this.entityId !== entityId) return;
        const before = this.confirmed;
        this.messages += 1;
        this.confirmed = this.queue = applyDifference(before, difference);
        if (mayHaveMoved(before, this.confirmed)) this.stale = new Set(this.pages.keys());
        this.changed();
      })
      .catch(() => undefined); // the player is gone: its state says so
  }

  private stop(): void {
    void this.subscription?.then((unsubscribe) => unsubscribe?.());
    this.subscription = undefined;
  }

  private forget(): void {
    this.queue = this.confirmed = EMPTY_QUEUE;
    this.pages = new Map();
    this.stale = new Set();
    this.loading = new Set();
  }

  private async load(page: number): Promise<void> {
    const { entityId, confirmed } = this;
    if (!entityId || this.loading.has(page)) return;
    this.loading.add(page);
    try {
      const rows = await this.api().queueItems(entityId, page * PAGE, PAGE);
      if (this.entityId !== entityId) return;
      const placed: QueueRow[] = [];
      for (const row of rows) placed[(row.position ?? 1) - 1 - page * PAGE] = row;
      this.pages.delete(page);
      this.pages.set(page, placed);
      if (!mayHaveMoved(confirmed, this.confirmed)) this.stale.delete(page);
      for (const old of this.pages.keys()) {
        if (this.pages.size <= MOST_PAGES) break;
        this.pages.delete(old);
      }
      this.changed();
    } catch {
      this.stale.add(page); // asked for again at the next change or when scrolled to
    } finally {
      this.loading.delete(page);
    }
  }
}
