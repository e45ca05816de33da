/** What the card shows at which size. */

export type Layout = "strip" | "bar" | "narrow" | "wide";

const STRIP = 96;
const BAR = 280;
const WIDE = 700;

export function layoutFor(width: number, height: number): Layout {
  if (height < STRIP) return "strip";
  if (height < BAR) return "bar";
  return width < WIDE ? "narrow" : "wide";
}
