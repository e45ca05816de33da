/** A queue as the card knows it: the part around the current item, kept by differences. */

/** An item of a queue, as `music_assistant.get_queue_items` answers. */
export interface QueueRow {
  readonly queue_item_id: string;
  readonly position?: number;
  readonly media_content_id: string;
  readonly media_type: string;
  readonly media_title: string;
  readonly media_artist: string;
  readonly media_album_name: string;
  readonly media_image: string;
  readonly duration: number | null;
  readonly favorite: boolean;
  readonly playable: boolean;
}

/** What the subscription sends: what differs from what it sent before. */
export interface QueueDifference {
  readonly available?: boolean;
  readonly queue_id?: string | null;
  readonly current?: number | null;
  readonly count?: number;
  readonly first?: number | null;
  readonly order?: readonly string[];
  readonly revision?: number;
  readonly items?: readonly QueueRow[];
}

export interface Queue {
  readonly available: boolean;
  readonly queueId: string | undefined;
  /** Index of the current item, from 0. */
  readonly current: number | undefined;
  readonly count: number;
  /** Index of the first item of `order`. */
  readonly first: number;
  readonly order: readonly string[];
  readonly rows: ReadonlyMap<string, QueueRow>;
  /** Rises with each change of any item, also one that is not in `order`. */
  readonly revision: number;
}

export const EMPTY_QUEUE: Queue = {
  available: false,
  queueId: undefined,
  current: undefined,
  count: 0,
  first: 0,
  order: [],
  rows: new Map(),
  revision: 0,
};

/** Return the queue after a message. */
export function applyDifference(queue: Queue, message: QueueDifference): Queue {
  const order = message.order ?? queue.order;
  const rows = new Map(queue.rows);
  for (const row of message.items ?? []) rows.set(row.queue_item_id, row);
  const kept = new Set(order);
  for (const id of rows.keys()) if (!kept.has(id)) rows.delete(id);
  return {
    available: message.available ?? queue.available,
    queueId: "queue_id" in message ? (message.queue_id ?? undefined) : queue.queueId,
    current: "current" in message ? indexOf(message.current) : queue.current,
    count: message.count ?? queue.count,
    first: "first" in message ? (indexOf(message.first) ?? 0) : queue.first,
    order,
    rows,
    revision: message.revision ?? queue.revision,
  };
}

const indexOf = (position: number | null | undefined): number | undefined =>
  position == null ? undefined : position - 1;

/** Return the item at an index, if it is among those that are kept. */
export function rowAt(queue: Queue, index: number): QueueRow | undefined {
  return queue.rows.get(queue.order[index - queue.first] ?? "");
}

export const currentRow = (queue: Queue): QueueRow | undefined =>
  queue.current === undefined ? undefined : rowAt(queue, queue.current);

/** Tell whether items that are not kept may be others, or elsewhere, than before a message. */
export function mayHaveMoved(before: Queue, now: Queue): boolean {
  if (
    before.queueId !== now.queueId ||
    before.count !== now.count ||
    before.revision !== now.revision
  )
    return true;
  return now.order.some((id, at) => {
    const was = before.order.indexOf(id);
    return was >= 0 && was + before.first !== at + now.first;
  });
}

/** Return the queue with an item elsewhere, as it will be when the server has moved it. */
export function moveRow(queue: Queue, id: string, index: number): Queue {
  const from = queue.order.indexOf(id);
  const to = index - queue.first;
  if (from < 0 || to < 0 || to >= queue.order.length) return queue;
  const order = queue.order.toSpliced(from, 1).toSpliced(to, 0, id);
  return { ...queue, order };
}

/** Return the queue without an item, as it will be when the server has removed it. */
export function removeRow(queue: Queue, id: string): Queue {
  const at = queue.order.indexOf(id);
  if (at < 0) return queue;
  const current = queue.current;
  const passed = current !== undefined && queue.first + at < current;
  return {
    ...queue,
    order: queue.order.toSpliced(at, 1),
    count: queue.count - 1,
    current: passed ? current - 1 : current,
  };
}
