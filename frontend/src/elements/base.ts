import { LitElement } from "lit";
import { property } from "lit/decorators.js";

import type { MusicApi } from "../api.js";
import type { View } from "../config.js";
import { fireEvent } from "../ha.js";
import type { Media } from "../media.js";
import type { MenuItem } from "./menu.js";
import type { Question } from "./prompt.js";

export interface MenuRequest {
  readonly opener: HTMLElement;
  readonly items: readonly MenuItem[];
  readonly heading: string;
}

export interface PromptRequest {
  readonly question: Question;
  readonly answer: (text: string | undefined) => void;
}

export interface ShowRequest {
  readonly view: View;
  readonly media?: Media;
}

declare global {
  interface HTMLElementEventMap {
    "music-menu": CustomEvent<MenuRequest>;
    "music-prompt": CustomEvent<PromptRequest>;
    "music-show": CustomEvent<ShowRequest>;
    "music-choose": CustomEvent<string>;
  }
}

/** A part of the card; the card itself answers what its parts ask for. */
export class MusicElement extends LitElement {
  @property({ attribute: false }) api!: MusicApi;

  /** Open a menu at the button that was clicked. */
  menu(event: Event, items: readonly MenuItem[], heading = ""): void {
    this.menuAt(event.currentTarget as HTMLElement, items, heading);
  }

  menuAt(opener: HTMLElement, items: readonly MenuItem[], heading = ""): void {
    fireEvent(this, "music-menu", { opener, items, heading } satisfies MenuRequest);
  }

  /** Ask for a name. */
  ask(question: Question): Promise<string | undefined> {
    return new Promise((answer) => {
      fireEvent(this, "music-prompt", { question, answer } satisfies PromptRequest);
    });
  }

  /** Show another view, perhaps with an item opened in it. */
  show(view: View, media?: Media): void {
    fireEvent(this, "music-show", { view, media } satisfies ShowRequest);
  }
}
