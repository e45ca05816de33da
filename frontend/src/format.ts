/** How things are written. */

/** What a queue item's stream is, as `music_assistant.get_queue` answers. */
export interface Stream {
  readonly content_type?: string;
  readonly sample_rate?: number;
  readonly bit_depth?: number;
  readonly bit_rate?: number;
}

const LOSSLESS = new Set(["flac", "alac", "wav", "aiff", "wavpack", "ape", "dsf", "pcm"]);

/** Return "FLAC 24/96" or "MP3 320". */
export function qualityText(stream: Stream | undefined): string {
  const type = stream?.content_type;
  if (!type || type === "?" || type === "unknown") return "";
  const rate = (stream.sample_rate ?? 0) / 1000;
  const fine = LOSSLESS.has(type)
    ? stream.bit_depth && rate && `${stream.bit_depth}/${rate.toLocaleString("en")}`
    : stream.bit_rate;
  return [type.toUpperCase(), fine].filter(Boolean).join(" ");
}

/** Return the time of day of a moment. */
export const timeText = (language: string, moment: string): string =>
  new Date(moment).toLocaleTimeString(language, { hour: "numeric", minute: "2-digit" });
