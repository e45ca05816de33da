/** Where in a song one is, between two updates of its position. */

import type { Player } from "./players.js";

/** Return the position in seconds at a moment (ms); undefined where none is known. */
export function positionAt(player: Player, now: number): number | undefined {
  if (player.position === undefined) return undefined;
  const elapsed = player.playing ? Math.max(0, now - player.positionAt) / 1000 : 0;
  return Math.min(player.position + elapsed, player.duration ?? Infinity);
}

/** Return 215 as "3:35" and 4000 as "1:06:40". */
export function clockText(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  const rest = String(whole % 60).padStart(2, "0");
  return hours ? `${hours}:${String(minutes).padStart(2, "0")}:${rest}` : `${minutes}:${rest}`;
}
