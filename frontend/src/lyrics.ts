/** The words of a song, and which line of them is sung. */

export interface LyricsLine {
  readonly time: number;
  readonly text: string;
}

/** What `music_assistant.get_lyrics` answers. */
export interface Lyrics {
  readonly lyrics: string | null;
  readonly lines: readonly LyricsLine[];
}

export const NO_LYRICS: Lyrics = { lyrics: null, lines: [] };

export const hasLyrics = (lyrics: Lyrics | undefined): boolean =>
  Boolean(lyrics?.lines.length || lyrics?.lyrics);

/** Return the index of the line that is sung at a position (s); -1 before the first. */
export function lineAt(lines: readonly LyricsLine[], position: number): number {
  let [low, high] = [0, lines.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((lines[middle]?.time ?? Infinity) <= position) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
