/** Which rows of a long list are in the page. */

export interface Rows {
  /** Index of the first row. */
  readonly first: number;
  /** Index after the last one. */
  readonly end: number;
}

/** What is never exceeded, however tall the list is shown. */
export const MOST_ROWS = 60;
const SPARE = 6;

/** Return the rows to be in the page for a scroll position and a height in pixels. */
export function rowsIn(top: number, height: number, rowHeight: number, count: number): Rows {
  const seen = Math.ceil(height / rowHeight) + 1;
  const spare = Math.max(0, Math.min(SPARE, Math.floor((MOST_ROWS - seen) / 2)));
  const above = Math.min(Math.floor(Math.max(0, top) / rowHeight), Math.max(0, count - 1));
  const first = Math.max(0, above - spare);
  return { first, end: Math.min(count, first + Math.min(MOST_ROWS, seen + 2 * spare)) };
}
