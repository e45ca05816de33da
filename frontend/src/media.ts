/** Things that can be played, whichever of Home Assistant's answers they are from. */

/** An item as the integration's actions answer. */
export interface ActionItem {
  readonly media_type: string;
  readonly uri: string;
  readonly name: string;
  readonly version?: string;
  readonly thumbnail?: string | null;
  readonly favorite?: boolean;
  readonly artists?: readonly ActionItem[];
  readonly album?: ActionItem | null;
}

/** A place in the browse tree. */
export interface BrowseItem {
  readonly title: string;
  readonly media_class: string;
  readonly media_content_type: string;
  readonly media_content_id: string;
  readonly children_media_class?: string | null;
  readonly can_play: boolean;
  readonly can_expand: boolean;
  readonly thumbnail?: string | null;
  readonly children?: readonly BrowseItem[];
}

export interface Media {
  readonly id: string;
  /** The kind, in Music Assistant's words: "album". */
  readonly kind: string;
  readonly name: string;
  readonly detail: string;
  readonly image: string | undefined;
  readonly canPlay: boolean;
  readonly canOpen: boolean;
  /** Home Assistant's own type of the id, for its browse tree. */
  readonly contentType: string;
  readonly favorite?: boolean | undefined;
}

const LEAVES = new Set(["track", "radio", "podcast_episode", "audiobook"]);
const CLASS_TO_KIND: Readonly<Record<string, string>> = {
  channel: "radio",
  episode: "podcast_episode",
  music: "track",
};

export function mediaOfItem(item: ActionItem): Media {
  const artists = item.artists?.map((artist) => artist.name).join(", ") ?? "";
  return {
    id: item.uri,
    kind: item.media_type,
    name: item.version ? `${item.name} (${item.version})` : item.name,
    detail: [artists, item.media_type === "track" ? item.album?.name : ""]
      .filter(Boolean)
      .join(" · "),
    image: item.thumbnail ?? undefined,
    canPlay: true,
    canOpen: !LEAVES.has(item.media_type),
    contentType: item.media_type,
    favorite: item.favorite,
  };
}

export function mediaOfBrowseItem(item: BrowseItem): Media {
  return {
    id: item.media_content_id,
    kind: CLASS_TO_KIND[item.media_class] ?? item.media_class,
    name: item.title,
    detail: "",
    image: item.thumbnail ?? undefined,
    canPlay: item.can_play,
    canOpen: item.can_expand,
    contentType: item.media_content_type,
  };
}

/** Tell whether an item is one of a server's, which favorites, playlists and so on are about. */
export const isItem = (media: Media): boolean =>
  media.id.includes("://") && !isPlace(media) && media.kind !== "directory";

/** Tell whether an id is of Home Assistant's browse tree rather than a server's item. */
export const isPlace = (media: Media): boolean =>
  /^(music-assistant|media-source):\/\//.test(media.id) || !media.id.includes("://");

/** Tell whether somebody pasted a link rather than typed a name. */
export const isLink = (text: string): boolean => /^https?:\/\/\S+$/.test(text.trim());
