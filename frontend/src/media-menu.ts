/** What can be done with an item, wherever it is shown. */

import {
  mdiAccountMusic,
  mdiAlbum,
  mdiHeartOutline,
  mdiPlay,
  mdiPlaylistMusic,
  mdiPlaylistPlay,
  mdiPlaylistPlus,
  mdiPlaylistRemove,
  mdiPlus,
  mdiRadioTower,
} from "@mdi/js";

import type { Enqueue } from "./api.js";
import type { MusicElement } from "./elements/base.js";
import type { MenuItem } from "./elements/menu.js";
import type { TextKey } from "./localize.js";
import { isItem, mediaOfItem, type ActionItem, type Media } from "./media.js";

interface Playlist extends ActionItem {
  readonly editable: boolean;
}

const ENQUEUE: readonly { enqueue: Enqueue; label: TextKey; path: string }[] = [
  { enqueue: "play", label: "play_now", path: mdiPlay },
  { enqueue: "next", label: "play_next", path: mdiPlaylistPlay },
  { enqueue: "add", label: "queue_add", path: mdiPlaylistPlus },
  { enqueue: "replace", label: "queue_replace", path: mdiPlaylistRemove },
];
const RADIO = new Set(["track", "album", "artist", "playlist", "genre"]);
const LISTABLE = new Set(["track", "album", "radio", "podcast_episode", "audiobook"]);
const NO_FAVORITE = new Set(["podcast_episode", "directory", "folder"]);

/** Return the menu of an item for a player. */
export function mediaMenu(element: MusicElement, entityId: string, media: Media): MenuItem[] {
  const items = media.canPlay ? enqueueItems(element, entityId, media) : [];
  return isItem(media) ? [...items, ...libraryItems(element, entityId, media)] : items;
}

function enqueueItems(element: MusicElement, entityId: string, media: Media): MenuItem[] {
  const { api } = element;
  const items: MenuItem[] = ENQUEUE.map(({ enqueue, label, path }) => ({
    label: api.t(label),
    path,
    run: () => void play(element, entityId, media, enqueue),
  }));
  if (isItem(media) && RADIO.has(media.kind)) {
    items.push({
      label: api.t("play_radio"),
      path: mdiRadioTower,
      run: () => void api.play(entityId, media, undefined, true),
    });
  }
  return items;
}

async function play(
  { api }: MusicElement,
  entityId: string,
  media: Media,
  enqueue: Enqueue,
): Promise<void> {
  const done = await api.play(entityId, media, enqueue);
  if (done && (enqueue === "add" || enqueue === "next")) api.toast(api.t("added_to_queue"));
}

/** Return what can be done with an item besides playing it. */
export function libraryItems(element: MusicElement, entityId: string, media: Media): MenuItem[] {
  const { api } = element;
  const items: MenuItem[] = [];
  const add = (label: TextKey, path: string, run: () => Promise<void>): void => {
    items.push({
      label: api.t(label),
      path,
      run: () => void run().catch((e: unknown) => api.report(e)),
    });
  };
  if (!NO_FAVORITE.has(media.kind))
    add("favorite", mdiHeartOutline, () => toggleFavorite(element, entityId, media));
  if (LISTABLE.has(media.kind))
    add("add_to_playlist", mdiPlaylistMusic, () => choosePlaylist(element, entityId, media));
  if (api.views.includes("library")) {
    if (media.kind === "track" || media.kind === "album")
      add("go_to_artist", mdiAccountMusic, () => goTo(element, entityId, media, "artist"));
    if (media.kind === "track")
      add("go_to_album", mdiAlbum, () => goTo(element, entityId, media, "album"));
  }
  return items;
}

export async function toggleFavorite(
  { api }: MusicElement,
  entityId: string,
  media: Media,
): Promise<void> {
  const { items } = await api.askServer<{ items: (ActionItem & { favorite: boolean })[] }>(
    "set_favorite",
    entityId,
    { media_id: [media.id], favorite: "toggle" },
  );
  const added = items[0]?.favorite ?? false;
  api.toast(api.t(added ? "favorite_added" : "favorite_removed", { name: media.name }));
}

async function goTo(
  element: MusicElement,
  entityId: string,
  media: Media,
  to: "artist" | "album",
): Promise<void> {
  const { item } = await element.api.askServer<{ item: ActionItem }>("get_item", entityId, {
    uri: media.id,
    children: [],
  });
  const found = to === "album" ? item.album : item.artists?.[0];
  if (found) element.show("library", mediaOfItem(found));
  else element.api.toast(element.api.t("nothing_found"));
}

async function choosePlaylist(
  element: MusicElement,
  entityId: string,
  media: Media,
): Promise<void> {
  const { api } = element;
  const { playlists } = await api.askServer<{ playlists: Playlist[] }>("get_playlists", entityId, {
    editable: true,
  });
  const addTo = async (playlist: ActionItem): Promise<void> => {
    await api.askServer("add_to_playlist", entityId, {
      playlist: playlist.uri,
      media_id: [media.id],
    });
    api.toast(api.t("added_to_playlist", { name: playlist.name }));
  };
  const create = async (): Promise<void> => {
    const name = await element.ask({
      title: api.t("new_playlist"),
      label: api.t("name"),
      confirm: api.t("save"),
      cancel: api.t("cancel"),
    });
    if (name) await addTo(await api.askServer<ActionItem>("create_playlist", entityId, { name }));
  };
  const run = (work: () => Promise<void>) => () => void work().catch((e: unknown) => api.report(e));
  element.menuAt(
    element,
    [
      { label: api.t("new_playlist"), path: mdiPlus, run: run(create) },
      ...playlists.map((playlist) => ({
        label: playlist.name,
        path: mdiPlaylistMusic,
        run: run(() => addTo(playlist)),
      })),
    ],
    api.t("add_to_playlist"),
  );
}
