import {
  mdiArrowLeft,
  mdiClose,
  mdiDotsVertical,
  mdiHeart,
  mdiHeartOutline,
  mdiBookshelf,
  mdiLinkVariant,
  mdiMagnify,
  mdiHistory,
  mdiPlay,
  mdiProgressClock,
  mdiStarOutline,
  mdiServerNetwork,
} from "@mdi/js";
import { css, html, nothing, type PropertyValues, type TemplateResult } from "lit";
import { property, query, state } from "lit/decorators.js";

import type { Shelf } from "../config.js";
import { MusicElement } from "../elements/base.js";
import type { Unsubscribe } from "../ha.js";
import { isTextKey } from "../localize.js";
import {
  isItem,
  isLink,
  mediaOfBrowseItem,
  mediaOfItem,
  type ActionItem,
  type Media,
} from "../media.js";
import { mediaMenu } from "../media-menu.js";
import { entryOf, type Player } from "../players.js";
import { shared } from "../styles.js";
import { cover, hint, icon, iconButton, kindIcon, spinner } from "../templates.js";

/** Kinds that can be searched: Music Assistant's word, and what the answers call their list. */
const KINDS = [
  ["track", "tracks"],
  ["album", "albums"],
  ["artist", "artists"],
  ["playlist", "playlists"],
  ["radio", "radio"],
  ["podcast", "podcasts"],
  ["audiobook", "audiobooks"],
  ["genre", "genres"],
] as const;
const FAVORITES = ["playlist", "radio", "album", "artist", "track"] as const;
/** What is shown as covers side by side rather than as rows. */
const COVERS = new Set(["album", "artist", "playlist", "podcast", "audiobook", "radio", "genre"]);
const TYPING = 350;
const OF_EACH_KIND = 6;
const OF_ONE_KIND = 50;

interface Group {
  readonly title: string;
  readonly items: readonly Media[];
  /** In one line that scrolls sideways. */
  readonly shelf?: boolean;
}

interface Page {
  readonly title: string;
  /** What the page is of, if it can be played. */
  readonly media?: Media;
  readonly search?: boolean;
  readonly groups: readonly Group[];
}

interface Filters {
  readonly kind: string;
  readonly provider: string;
  readonly favorites: boolean;
}

interface Provider {
  readonly name: string;
  readonly instance_id: string;
}

/** Of which lists each start page is made. */
const LISTS: Readonly<Record<Shelf, readonly string[]>> = {
  home: ["recently_played", "recommendations"],
  favorites: [],
  recently_played: ["recently_played"],
  recommendations: ["recommendations"],
};
const NO_FILTERS: Filters = { kind: "", provider: "", favorites: false };

export class LibraryView extends MusicElement {
  @property({ attribute: false }) player!: Player;
  @property({ type: Boolean }) controllable = true;
  @property() start: Shelf = "home";
  /** An item that was asked for elsewhere in the card. */
  @property({ attribute: false }) target: Media | undefined;
  @state() private pages: readonly Page[] = [];
  @state() private loading = false;
  @state() private text = "";
  @state() private filters = NO_FILTERS;
  @state() private providers: readonly Provider[] = [];
  @query("input") private input!: HTMLInputElement | null;
  /** Whose library it is; another player may belong to another server. */
  private server = "";
  private task = 0;
  private typing: ReturnType<typeof setTimeout> | undefined;
  private subscription: Promise<Unsubscribe | undefined> | undefined;
  /** The start page has changed while another one was open. */
  private outdated = false;

  override connectedCallback(): void {
    super.connectedCallback();
    if (this.server) this.subscribe();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.unsubscribe();
    clearTimeout(this.typing);
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    const { entityId } = this.player;
    const server = entryOf(this.api.hass, entityId) ?? entityId;
    if (server !== this.server) {
      this.server = server;
      this.subscribe();
      this.pages = [];
      this.providers = [];
      if (!this.target) void this.open(() => this.loadStart());
    }
    if (changed.has("target") && this.target) {
      const { target } = this;
      void this.open(() => this.loadPlace(target));
    }
  }

  // ---------------------------------------------------------------------------- changes

  /** Subscribe to changes of the server's lists, in place of those of another server. */
  private subscribe(): void {
    this.unsubscribe();
    this.subscription = this.api
      .subscribeLists(this.player.entityId, (changed) => {
        if (!LISTS[this.start].some((list) => changed.includes(list))) return;
        this.outdated = true;
        void this.refresh();
      })
      .catch(() => undefined); // the page is as it was when it was opened
  }

  private unsubscribe(): void {
    void this.subscription?.then((unsubscribe) => unsubscribe?.());
    this.subscription = undefined;
  }

  /** Load the start page again if it is open and something has changed, without moving it. */
  private async refresh(): Promise<void> {
    if (!this.outdated || this.pages.length !== 1 || this.target || this.text.trim()) return;
    this.outdated = false;
    const task = this.task;
    const page = await this.loadStart().catch(() => undefined);
    if (page && task === this.task) this.pages = [page];
  }

  // ------------------------------------------------------------------------------ pages

  /** Open a page; `replace` puts it in the place of the one that is open. */
  private async open(load: () => Promise<Page>, replace = false): Promise<void> {
    const task = (this.task += 1);
    this.loading = true;
    try {
      const page = await load();
      if (task !== this.task) return;
      this.pages = [...(replace ? this.pages.slice(0, -1) : this.pages), page];
      this.renderRoot.querySelector(".scroller")?.scrollTo({ top: 0 });
    } catch (error) {
      if (task === this.task) await this.api.report(error);
    } finally {
      if (task === this.task) this.loading = false;
    }
  }

  private back(): void {
    this.task += 1;
    this.loading = false;
    if (this.page?.search) this.clear();
    else this.pages = this.pages.slice(0, -1);
    if (!this.pages.length) void this.open(() => this.loadStart());
    else void this.refresh();
  }

  private get page(): Page | undefined {
    return this.pages.at(-1);
  }

  private loadStart(): Promise<Page> {
    const starts: Record<Shelf, () => Promise<Page>> = {
      home: () => this.loadHome(),
      favorites: () => this.loadFavorites(),
      recently_played: () => this.loadRecent(),
      recommendations: async () => ({ title: "", groups: await this.recommendations() }),
    };
    return starts[this.start]();
  }

  private async loadHome(): Promise<Page> {
    const { api, player } = this;
    const [root, recommendations] = await Promise.all([
      api.browse(player.entityId),
      this.recommendations().catch(() => []),
    ]);
    const places = (root.children ?? []).map(mediaOfBrowseItem);
    const [first, rest] = [recommendations.slice(0, 2), recommendations.slice(2)];
    const browse = { title: this.api.t("browse"), items: places };
    return { title: "", groups: [...first, browse, ...rest] };
  }

  private async recommendations(): Promise<Group[]> {
    const { response } = await this.api.askServer<{
      response: { name: string; items: ActionItem[] }[];
    }>("get_recommendations", this.player.entityId);
    return response.map(({ name, items }) => ({
      title: name,
      items: items.map(mediaOfItem),
      shelf: true,
    }));
  }

  private async loadRecent(): Promise<Page> {
    const { items } = await this.api.askServer<{ items: ActionItem[] }>(
      "get_recently_played",
      this.player.entityId,
      { limit: 30 },
    );
    return { title: "", groups: [{ title: "", items: items.map(mediaOfItem) }] };
  }

  private async loadFavorites(): Promise<Page> {
    return { title: "", groups: await this.library(FAVORITES, { favorite: true, limit: 25 }) };
  }

  /** Return items of the library, a group for each kind. */
  private async library(kinds: readonly string[], data: object): Promise<Group[]> {
    const groups = await Promise.all(
      kinds.map(async (kind) => {
        const { items } = await this.api.askServer<{ items: ActionItem[] }>(
          "get_library",
          this.player.entityId,
          { media_type: kind, ...data },
        );
        return { title: this.kindName(kind), items: items.map(mediaOfItem) };
      }),
    );
    return groups.filter((group) => group.items.length);
  }

  private async loadPlace(media: Media): Promise<Page> {
    const place = await this.api.browse(this.player.entityId, media.id, media.contentType);
    const items = (place.children ?? []).map(mediaOfBrowseItem);
    return {
      title: media.name || place.title,
      media: {
        ...media,
        image: media.image ?? place.thumbnail ?? undefined,
        canPlay: place.can_play,
      },
      groups: [{ title: "", items }],
    };
  }

  private kindName = (kind: string): string => {
    const key = `kind_${kind}`;
    return isTextKey(key) ? this.api.t(key) : "";
  };

  // ------------------------------------------------------------------------------ search

  private onInput(event: Event): void {
    this.text = (event.target as HTMLInputElement).value;
    clearTimeout(this.typing);
    this.typing = setTimeout(() => this.search(), TYPING);
  }

  private clear(): void {
    clearTimeout(this.typing);
    this.text = "";
    if (this.input) this.input.value = "";
    this.filters = NO_FILTERS;
    this.pages = this.pages.filter((page) => !page.search);
  }

  private search(): void {
    const text = this.text.trim();
    if (!text) {
      this.task += 1;
      this.loading = false;
      this.pages = this.pages.filter((page) => !page.search);
      void this.refresh();
      return;
    }
    if (!this.providers.length) void this.loadProviders();
    const replace = this.page?.search ?? false;
    void this.open(() => (isLink(text) ? this.loadLink(text) : this.find(text)), replace);
  }

  private async loadProviders(): Promise<void> {
    const answer = await this.api
      .askServer<{ providers: Provider[] }>("get_providers", this.player.entityId, {
        provider_type: ["music"],
      })
      .catch(() => ({ providers: [] }));
    this.providers = answer.providers;
  }

  private async find(text: string): Promise<Page> {
    const { kind, provider, favorites } = this.filters;
    const limit = kind ? OF_ONE_KIND : OF_EACH_KIND;
    const providers = provider ? { providers: [provider] } : {};
    const title = "";
    if (favorites) {
      const kinds = kind ? [kind] : KINDS.map(([name]) => name);
      const data = { search: text, favorite: true, limit, ...providers };
      return { title, search: true, groups: await this.library(kinds, data) };
    }
    const answer = await this.api.askServer<Record<string, ActionItem[] | undefined>>(
      "search",
      this.player.entityId,
      { name: text, limit, ...(kind && { media_type: [kind] }), ...providers },
    );
    const groups = KINDS.map(([name, list]) => ({
      title: this.kindName(name),
      items: (answer[list] ?? []).map(mediaOfItem),
    }));
    return { title, search: true, groups: groups.filter((group) => group.items.length) };
  }

  /** Return a page with what a link stands for, as far as that is known before it is played. */
  private async loadLink(link: string): Promise<Page> {
    const known = await this.api
      .askServer<{ chosen: ActionItem | null }>("resolve_link", this.player.entityId, { link })
      .catch(() => ({ chosen: null }));
    const media: Media = known.chosen
      ? mediaOfItem(known.chosen)
      : {
          id: link,
          kind: "link",
          name: this.api.t("link_play"),
          detail: link,
          image: undefined,
          canPlay: true,
          canOpen: false,
          contentType: "music",
        };
    return { title: "", search: true, groups: [{ title: "", items: [media] }] };
  }

  private setFilters(filters: Partial<Filters>): void {
    this.filters = { ...this.filters, ...filters };
    this.search();
  }

  // ------------------------------------------------------------------------------ render

  protected override render(): TemplateResult {
    const { api, page } = this;
    const deep = this.pages.length > 1 || (page?.title ?? "") !== "";
    return html`
      <div class="head" ?hidden=${this.start !== "home" && !deep}>
        ${
          deep
            ? iconButton({
                path: mdiArrowLeft,
                label: api.t("back"),
                kind: "back",
                click: () => this.back(),
              })
            : nothing
        }
        <div class="field">
          ${icon(mdiMagnify)}
          <input
            type="search"
            aria-label=${api.t("search")}
            placeholder=${api.t("search")}
            autocomplete="off"
            enterkeyhint="search"
            .value=${this.text}
            @input=${this.onInput}
          />
          ${
            this.text
              ? iconButton({
                  path: mdiClose,
                  label: api.t("clear"),
                  kind: "small",
                  click: () => this.clear(),
                })
              : nothing
          }
        </div>
      </div>
      ${page?.search && !isLink(this.text) ? this.renderFilters() : nothing}
      <div class="scroller" aria-busy=${this.loading}>
        ${!page ? spinner(api.t("loading")) : this.renderPage(page)}
      </div>
    `;
  }

  private renderFilters(): TemplateResult {
    const { api, filters } = this;
    const provider = this.providers.find((each) => each.instance_id === filters.provider);
    return html`
      <div class="filters" role="group" aria-label=${api.t("search")}>
        <button
          type="button"
          class="chip"
          aria-pressed=${filters.favorites}
          @click=${() => this.setFilters({ favorites: !filters.favorites })}
        >
          ${icon(filters.favorites ? mdiHeart : mdiHeartOutline)}${api.t("favorites")}
        </button>
        ${
          this.providers.length > 1
            ? html`<button
                type="button"
                class="chip"
                aria-haspopup="menu"
                aria-pressed=${filters.provider !== ""}
                @click=${(event: Event) => this.menu(event, this.providerMenu())}
              >
                ${icon(mdiServerNetwork)}${provider?.name ?? api.t("all_providers")}
              </button>`
            : nothing
        }
        ${KINDS.map(
          ([kind]) => html`
            <button
              type="button"
              class="chip"
              aria-pressed=${filters.kind === kind}
              @click=${() => this.setFilters({ kind: filters.kind === kind ? "" : kind })}
            >
              ${this.kindName(kind)}
            </button>
          `,
        )}
      </div>
    `;
  }

  private providerMenu(): { label: string; path: string; selected: boolean; run: () => void }[] {
    const all = { name: this.api.t("all_providers"), instance_id: "" };
    return [all, ...this.providers].map(({ name, instance_id: id }) => ({
      label: name,
      path: mdiServerNetwork,
      selected: this.filters.provider === id,
      run: () => this.setFilters({ provider: id }),
    }));
  }

  private renderPage(page: Page): TemplateResult {
    const { api } = this;
    if (this.loading && page.search && !page.groups.length) return spinner(api.t("loading"));
    const { media } = page;
    const empty = !page.groups.some((group) => group.items.length);
    return html`
      ${
        page.title
          ? html`<div class="place">
              ${
                media?.image || (media && isItem(media))
                  ? cover(
                      api.url(media.image),
                      kindIcon(media.kind),
                      media.kind === "artist" ? "round" : "",
                    )
                  : nothing
              }
              <h2 class="title" dir="auto">${page.title}</h2>
              ${
                media?.canPlay && this.controllable
                  ? html`${iconButton({
                      path: mdiPlay,
                      label: `${api.t("play")}: ${page.title}`,
                      kind: "filled",
                      click: () => void api.play(this.player.entityId, media),
                    })}
                    ${this.menuButton(media)}`
                  : nothing
              }
            </div>`
          : nothing
      }
      ${
        empty
          ? hint(mdiBookshelf, api.t(page.search ? "nothing_found" : "nothing_here"))
          : page.groups.map((group) => this.renderGroup(group))
      }
    `;
  }

  private renderGroup({ title, items, shelf }: Group): TemplateResult {
    const kind = items[0]?.kind ?? "";
    const places = items.every((item) => item.kind === "directory" || item.kind === "app");
    const covers = !places && items.every((item) => COVERS.has(item.kind));
    const layout = places ? "places" : shelf ? "shelf" : covers ? "covers" : "rows";
    return html`
      <section aria-label=${title || this.kindName(kind) || this.api.t("browse")}>
        ${title ? html`<h3>${title}</h3>` : nothing}
        <div class=${layout} role="list">
          ${items.map((item) =>
            layout === "rows"
              ? this.renderRow(item)
              : layout === "places"
                ? this.renderPlace(item)
                : this.renderCover(item),
          )}
        </div>
      </section>
    `;
  }

  private renderPlace(media: Media): TemplateResult {
    return html`<div role="listitem">
      <button type="button" class="place-button" @click=${() => this.select(media)}>
        ${media.image ? cover(this.api.url(media.image), kindIcon("directory"), "tiny") : icon(placeIcon(media))}
        <span class="title" dir="auto">${media.name}</span>
      </button>
    </div>`;
  }

  private renderCover(media: Media): TemplateResult {
    return html`<div role="listitem" class="tile">
      <button
        type="button"
        class="cover-button"
        @click=${() => this.select(media)}
        ?disabled=${!this.canSelect(media)}
      >
        ${cover(this.api.url(media.image), kindIcon(media.kind), media.kind === "artist" ? "big round" : "big")}
        <span class="title" dir="auto">${media.name}</span>
        <span class="detail" dir="auto">${media.detail}</span>
      </button>
      ${this.controllable ? this.menuButton(media, "over") : nothing}
    </div>`;
  }

  private renderRow(media: Media): TemplateResult {
    return html`<div role="listitem" class="row">
      <button
        type="button"
        class="main"
        @click=${() => this.select(media)}
        ?disabled=${!this.canSelect(media)}
      >
        ${
          media.kind === "link"
            ? html`<span class="cover">${icon(mdiLinkVariant)}</span>`
            : cover(
                this.api.url(media.image),
                kindIcon(media.kind),
                media.kind === "artist" ? "round" : "",
              )
        }
        <span class="two-lines">
          <span class="title" dir="auto">${media.name}</span>
          ${media.detail ? html`<span class="detail" dir="auto">${media.detail}</span>` : nothing}
        </span>
      </button>
      ${this.controllable ? this.menuButton(media) : nothing}
    </div>`;
  }

  private menuButton(media: Media, kind = ""): TemplateResult | typeof nothing {
    if (!media.canPlay && !isItem(media)) return nothing;
    return iconButton({
      path: mdiDotsVertical,
      label: `${this.api.t("more")}: ${media.name}`,
      kind: `small ${kind}`,
      menu: true,
      click: (event) => this.menu(event, mediaMenu(this, this.player.entityId, media), media.name),
    });
  }

  private canSelect = (media: Media): boolean =>
    media.canOpen || (media.canPlay && this.controllable);

  private select(media: Media): void {
    if (media.canOpen) void this.open(() => this.loadPlace(media));
    else if (media.canPlay && this.controllable) void this.api.play(this.player.entityId, media);
  }

  static override styles = [
    shared,
    css`
      :host {
        display: flex;
        flex-direction: column;
        height: 100%;
        min-height: 0;
      }
      .head {
        display: flex;
        align-items: center;
        gap: 4px;
        padding: 12px 16px 8px;
        flex: none;
      }
      .back {
        margin-inline-start: -8px;
      }
      .field {
        flex: 1;
        min-width: 0;
        display: flex;
        align-items: center;
        gap: 8px;
        height: 40px;
        padding-inline: 12px 2px;
        border-radius: 20px;
        background: var(--faint);
        color: var(--soft-text);
      }
      .field:focus-within {
        outline: 2px solid var(--text);
      }
      input {
        flex: 1;
        min-width: 0;
        height: 100%;
        font: inherit;
        font-size: 16px;
        color: var(--text);
        background: none;
        border: 0;
      }
      /* The field around it has the outline. */
      .field input {
        outline: none;
      }
      input::placeholder {
        color: var(--soft-text);
        opacity: 1;
        font-size: 14px;
      }
      input::-webkit-search-cancel-button {
        display: none;
      }
      .filters {
        display: flex;
        gap: 8px;
        overflow-x: auto;
        scrollbar-width: none;
        padding: 2px 16px 8px;
        flex: none;
      }
      .scroller {
        flex: 1;
        min-height: 0;
        padding: 0 16px 16px;
      }
      .head[hidden] + .scroller {
        padding-top: 12px;
      }
      .head[hidden] + .scroller h3:first-child {
        margin-top: 0;
      }
      .place {
        display: flex;
        align-items: center;
        gap: 8px;
        padding-bottom: 8px;
      }
      .place .cover {
        width: 56px;
        height: 56px;
        margin-inline-end: 4px;
      }
      h2 {
        flex: 1;
        margin: 0;
        font-size: 18px;
        line-height: 24px;
      }
      h3 {
        margin: 16px 0 8px;
        font-size: 16px;
        line-height: 24px;
        font-weight: 500;
      }
      .places {
        display: grid;
        grid-template-columns: repeat(auto-fill, minmax(140px, 1fr));
        gap: 8px;
      }
      .place-button {
        display: flex;
        align-items: center;
        gap: 10px;
        width: 100%;
        height: 48px;
        padding-inline: 12px;
        background: var(--fainter);
      }
      .place-button svg {
        color: var(--soft-text);
      }
      .cover.tiny {
        width: 28px;
        height: 28px;
        margin: -2px;
        background: none;
      }
      .cover.tiny img {
        object-fit: contain;
      }
      .shelf {
        display: grid;
        grid-auto-flow: column;
        grid-auto-columns: 116px;
        gap: 12px;
        overflow-x: auto;
        margin-inline: -16px;
        padding-inline: 16px;
        padding-block: 2px 4px;
        scroll-snap-type: x proximity;
        scroll-padding-inline: 16px;
        scrollbar-width: none;
      }
      .covers {
        display: grid;
        grid-template-columns: repeat(auto-fill, minmax(116px, 1fr));
        gap: 16px 12px;
      }
      .tile {
        position: relative;
        scroll-snap-align: start;
        min-width: 0;
        content-visibility: auto;
        contain-intrinsic-size: 116px 156px;
      }
      .cover-button {
        display: flex;
        flex-direction: column;
        width: 100%;
        border-radius: 12px;
        opacity: 1;
      }
      .cover.big {
        width: 100%;
        height: auto;
        aspect-ratio: 1;
        border-radius: 12px;
        margin-bottom: 6px;
      }
      .cover.big.round {
        border-radius: 50%;
      }
      .cover.big svg {
        width: 40%;
        height: 40%;
      }
      .cover-button .title,
      .cover-button .detail {
        max-width: 100%;
        padding-inline: 2px;
      }
      .cover-button:hover {
        background: none;
      }
      .over {
        position: absolute;
        top: 4px;
        inset-inline-end: 4px;
        background: rgb(0 0 0 / 50%);
        color: #fff;
      }
      .rows .row {
        margin-inline: -8px;
        content-visibility: auto;
        contain-intrinsic-height: 56px;
      }
      button.main:disabled,
      button.cover-button:disabled {
        opacity: 1;
      }
    `,
  ];
}

const PLACE_ICONS: Readonly<Record<string, string>> = {
  artists: "artist",
  albums: "album",
  tracks: "track",
  playlists: "playlist",
  radio: "radio",
  podcasts: "podcast",
  audiobooks: "audiobook",
  genres: "genre",
};
const OWN_ICONS: Readonly<Record<string, string>> = {
  recommendations: mdiStarOutline,
  in_progress: mdiProgressClock,
  recently_played: mdiHistory,
  favorites: mdiHeartOutline,
  providers: mdiServerNetwork,
};

const placeIcon = ({ id }: Media): string =>
  OWN_ICONS[id] ?? kindIcon(PLACE_ICONS[id] ?? "directory");
