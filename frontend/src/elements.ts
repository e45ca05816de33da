import { CardContent } from "./card.js";
import { LibraryView } from "./views/library.js";
import { LyricsView } from "./views/lyrics.js";
import { NowPlaying } from "./views/now-playing.js";
import { PlayersView } from "./views/players.js";
import { QueueView } from "./views/queue.js";
import { Strip } from "./views/strip.js";
import { Menu } from "./elements/menu.js";
import { Progress } from "./elements/progress.js";
import { Prompt } from "./elements/prompt.js";
import { Slider } from "./elements/slider.js";

const ELEMENTS: Readonly<Record<string, CustomElementConstructor>> = {
  "music-assistant-slider": Slider,
  "music-assistant-progress": Progress,
  "music-assistant-menu": Menu,
  "music-assistant-prompt": Prompt,
  "music-assistant-strip": Strip,
  "music-assistant-lyrics": LyricsView,
  "music-assistant-now-playing": NowPlaying,
  "music-assistant-queue": QueueView,
  "music-assistant-library": LibraryView,
  "music-assistant-players": PlayersView,
  "music-assistant-card-content": CardContent,
};

/** Return a new card, its elements defined in the registry that is current now. */
export function createContent(): CardContent {
  for (const [name, element] of Object.entries(ELEMENTS))
    if (!customElements.get(name)) customElements.define(name, element);
  return new CardContent();
}
