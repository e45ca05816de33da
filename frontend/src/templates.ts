/** Pieces of markup that more than one view has. */

import {
  mdiAccountMusic,
  mdiAlbum,
  mdiBookMusic,
  mdiFolderMusic,
  mdiMusicNote,
  mdiPlaylistMusic,
  mdiPodcast,
  mdiRadio,
  mdiShapeOutline,
} from "@mdi/js";
import { html, nothing, svg, type TemplateResult } from "lit";

const KIND_ICONS: Readonly<Record<string, string>> = {
  album: mdiAlbum,
  artist: mdiAccountMusic,
  audiobook: mdiBookMusic,
  directory: mdiFolderMusic,
  folder: mdiFolderMusic,
  genre: mdiShapeOutline,
  playlist: mdiPlaylistMusic,
  podcast: mdiPodcast,
  podcast_episode: mdiPodcast,
  radio: mdiRadio,
};

export const kindIcon = (kind: string): string => KIND_ICONS[kind] ?? mdiMusicNote;

export const icon = (path: string): TemplateResult =>
  html`<svg viewBox="0 0 24 24" aria-hidden="true">${svg`<path d=${path}></path>`}</svg>`;

export interface ButtonOptions {
  readonly path: string;
  readonly label: string;
  readonly click: (event: MouseEvent) => void;
  readonly kind?: string;
  /** For what is on or off. */
  readonly pressed?: boolean;
  /** For what opens a menu. */
  readonly menu?: boolean;
  readonly disabled?: boolean;
}

export const iconButton = (options: ButtonOptions): TemplateResult => html`
  <button
    type="button"
    class="icon ${options.kind ?? ""}"
    title=${options.label}
    aria-label=${options.label}
    aria-pressed=${options.pressed ?? nothing}
    aria-haspopup=${options.menu ? "menu" : nothing}
    ?disabled=${options.disabled}
    @click=${options.click}
  >
    ${icon(options.path)}
  </button>
`;

/** A picture over an icon, which is seen while there is no picture. */
export const cover = (address: string | undefined, path: string, kind = ""): TemplateResult => html`
  <span class="cover ${kind}">
    ${icon(path)}
    ${
      address
        ? html`<img
            src=${address}
            alt=""
            loading="lazy"
            decoding="async"
            @load=${show}
            @error=${hide}
          />`
        : nothing
    }
  </span>
`;

function show(event: Event): void {
  (event.currentTarget as HTMLElement).hidden = false;
}

function hide(event: Event): void {
  (event.currentTarget as HTMLElement).hidden = true;
}

export const hint = (path: string, title: string, detail = ""): TemplateResult => html`
  <div class="hint">
    ${icon(path)}
    <p>${title}</p>
    ${detail ? html`<p class="detail">${detail}</p>` : nothing}
  </div>
`;

export const spinner = (label: string): TemplateResult =>
  html`<div class="spinner" role="status" aria-label=${label}></div>`;
