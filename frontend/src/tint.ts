/** The colour that a cover gives to the card: its hue and how vivid it is; the theme's lightness. */

export interface Tint {
  /** Degrees. */
  readonly hue: number;
  /** From 0 (grey) to 1. */
  readonly vividness: number;
}

const BINS = 24;
const SIZE = 24;

/** Return the most present hue among pixels (RGBA), vivid ones counting more. */
export function tintOf(pixels: Uint8ClampedArray): Tint {
  const weights = new Array<number>(BINS).fill(0);
  const angles = new Array<number>(BINS).fill(0);
  let count = 0;
  for (let at = 0; at + 3 < pixels.length; at += 4) {
    const [red = 0, green = 0, blue = 0] = pixels.subarray(at, at + 3);
    const [most, least] = [Math.max(red, green, blue), Math.min(red, green, blue)];
    const chroma = (most - least) / 255;
    count += 1;
    if (chroma < 0.08) continue;
    const hue = hueOf(red, green, blue, most, most - least);
    const bin = Math.floor((hue / 360) * BINS) % BINS;
    weights[bin] = (weights[bin] ?? 0) + chroma;
    angles[bin] = (angles[bin] ?? 0) + chroma * hue;
  }
  const best = weights.indexOf(Math.max(...weights));
  const weight = weights[best] ?? 0;
  if (!count || !weight) return { hue: 0, vividness: 0 };
  return {
    hue: Math.round((angles[best] ?? 0) / weight),
    vividness: Math.min(1, (weight / count) * 4),
  };
}

function hueOf(red: number, green: number, blue: number, most: number, spread: number): number {
  const sector =
    most === red
      ? ((green - blue) / spread + 6) % 6
      : most === green
        ? (blue - red) / spread + 2
        : (red - green) / spread + 4;
  return sector * 60;
}

const tints = new Map<string, Promise<Tint | undefined>>();

/** Return the tint of a picture; undefined if it can't be had. */
export function tintOfImage(address: string): Promise<Tint | undefined> {
  let tint = tints.get(address);
  if (!tint) {
    if (tints.size > 50) tints.clear();
    tint = sample(address).catch(() => undefined);
    tints.set(address, tint);
  }
  return tint;
}

async function sample(address: string): Promise<Tint | undefined> {
  const image = new Image();
  image.src = address;
  await image.decode();
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = SIZE;
  const context = canvas.getContext("2d", { willReadFrequently: true });
  if (!context) return undefined;
  context.drawImage(image, 0, 0, SIZE, SIZE);
  return tintOf(context.getImageData(0, 0, SIZE, SIZE).data);
}

/** Return the card's custom properties for a tint. */
export function tintStyle(tint: Tint | undefined, dark: boolean): Record<string, string> {
  if (!tint || tint.vividness < 0.05) return {};
  const saturation = Math.round(20 + 45 * tint.vividness);
  const surface = dark ? 17 : 91;
  const accent = dark ? 72 : 30;
  return {
    "--tint-surface": `hsl(${tint.hue} ${saturation}% ${surface}%)`,
    "--tint-accent": `hsl(${tint.hue} ${Math.max(saturation, 35)}% ${accent}%)`,
  };
}
