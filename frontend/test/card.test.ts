import axe from "axe-core";
import { expect } from "chai";

import { Feature } from "../src/players.js";
import contract from "./contract.json";
import { COVER, entity, FakeHome, playing, queueMessage, refused, row } from "./fake-hass.js";
import {
  all,
  click,
  has,
  named,
  pause,
  press,
  settle,
  show,
  stage,
  textOf,
  until,
} from "./tools.js";

const KITCHEN = "media_player.kitchen";
const group_members = [KITCHEN, "media_player.bath"];

const house = (): FakeHome =>
  new FakeHome(
    playing("Kitchen"),
    entity("Bath"),
    entity("Patio", "off"),
    entity("Away", "unavailable"),
  );

describe("now playing", () => {
  it("shows what plays, and controls it", async () => {
    const home = house();
    await show(home, { entity: KITCHEN });
    expect(textOf(".headline")).to.equal("Northern Avalanche");
    expect(textOf(".by")).to.contain("Élodie Marchvent").and.contain("Lanterns at Low Tide");
    const presses: [string, string, object][] = [
      ["Pause", "media_pause", {}],
      ["Next", "media_next_track", {}],
      ["Previous", "media_previous_track", {}],
      ["Shuffle", "shuffle_set", { shuffle: true }],
      ["Repeat: off", "repeat_set", { repeat: "all" }],
      ["Mute", "volume_mute", { is_volume_muted: true }],
    ];
    for (const [name, action, data] of presses) {
      await click(named(name));
      expect(home.called(action), action).to.deep.equal([{ action, data, entity: KITCHEN }]);
    }
  });

  it("seeks and sets the volume by keys", async () => {
    const home = house();
    await show(home, { entity: KITCHEN });
    named("Volume").focus();
    await press("ArrowRight");
    expect(home.called("volume_set")[0]?.data).to.deep.equal({ volume_level: 0.41 });
    named("Position").focus();
    await press("ArrowRight");
    expect(home.called("media_seek")[0]?.data["seek_position"]).to.be.within(51, 53);
  });

  it("leaves out what the player can't do", async () => {
    const home = new FakeHome(
      playing("Kitchen", { supported_features: Feature.PAUSE | Feature.PLAY }),
    );
    await show(home);
    expect(has("Pause")).to.equal(true);
    for (const name of ["Next", "Previous", "Shuffle", "Repeat: off", "Mute"])
      expect(has(name), name).to.equal(false);
    expect((named("Position") as HTMLInputElement).disabled).to.equal(true);
  });

  it("stops what can't be paused", async () => {
    const home = new FakeHome(playing("Kitchen", { supported_features: Feature.STOP }));
    await show(home);
    await click(all("button.play")[0]!);
    expect(home.called("media_stop")).to.have.length(1);
  });

  it("tells the quality, and opens the artist in the library", async () => {
    const home = house();
    const artist = { media_type: "artist", uri: "library://artist/1", name: "Élodie Marchvent" };
    home.answers["get_queue"] = () => ({
      current_item: {
        media_item: { media_type: "track", uri: "library://track/1", name: "N", artists: [artist] },
        stream_details: { content_type: "flac", sample_rate: 96000, bit_depth: 24 },
      },
    });
    const opened: unknown[] = [];
    home.answers["browse"] = (message) => {
      opened.push(message["media_content_id"]);
      return { title: "Élodie", can_play: true, children: [] };
    };
    await show(home, { entity: KITCHEN });
    expect(textOf(".badge")).to.equal("FLAC 24/96");
    await click(named("Élodie Marchvent"));
    expect(opened).to.deep.equal(["library://artist/1"]);
    expect(textOf(".place h2")).to.equal("Élodie Marchvent");
  });

  it("makes a favorite of it, and says so", async () => {
    const home = house();
    home.answers["set_favorite"] = () => ({ items: [{ favorite: true }] });
    const { toasts } = await show(home, { entity: KITCHEN });
    await click(named("Favorite"));
    expect(home.called("set_favorite")[0]?.data).to.deep.equal({
      config_entry_id: "entry",
      media_id: ["library://track/1"],
      favorite: "toggle",
    });
    expect(toasts[0]?.message).to.equal("Northern Avalanche is a favorite now");
    home.tell({ items: [row(1, { favorite: true })] });
    await settle();
    expect(named("Favorite").getAttribute("aria-pressed")).to.equal("true");
  });

  it("sets and clears the sleep timer", async () => {
    const home = house();
    const shown = await show(home, { entity: KITCHEN });
    await click(named("Sleep timer"));
    await click(named("30 minutes"));
    expect(home.called("set_sleep_timer")[0]?.data).to.deep.equal({ duration: { minutes: 30 } });
    const id = "sensor.kitchen_sleep_timer";
    const select = "select.kitchen_sleep_timer_duration";
    const entry = { entity_id: id, platform: "music_assistant", device_id: KITCHEN };
    home.hass = {
      ...home.hass,
      entities: {
        ...home.hass.entities,
        // the select of its duration, which has the same key
        [select]: { ...entry, entity_id: select, translation_key: "sleep_timer" },
        [id]: { ...entry, entity_id: id, translation_key: "sleep_timer" },
      },
    };
    home.set({ ...entity("x"), entity_id: id, state: "2026-11-30T20:15:00+00:00" });
    await shown.update();
    await click(all("[aria-label^='Sleep timer until']")[0]!);
    await click(named("Off"));
    expect(home.called("clear_sleep_timer")).to.have.length(1);
  });

  it("shows the volume of a group and of each member", async () => {
    const home = new FakeHome(
      playing("Kitchen", { group_members, group_volume: 0.3 }),
      playing("Bath", { group_members, volume_level: 0.2 }),
    );
    await show(home, { entity: KITCHEN });
    named("Volume of the group").focus();
    await press("ArrowRight");
    expect(home.called("set_group_volume")[0]?.data).to.deep.equal({ volume_level: 31 });
    await click(named("Volume of each player"));
    named("Volume of Bath").focus();
    await press("ArrowLeft");
    const call = home.called("volume_set")[0];
    expect([call?.entity, call?.data["volume_level"]]).to.deep.equal(["media_player.bath", 0.19]);
  });

  it("goes on on another player", async () => {
    const home = house();
    await show(home, { entity: KITCHEN });
    await click(named("Play on another player"));
    expect(has("Away")).to.equal(false);
    await click(named("Bath"));
    expect(home.called("transfer_queue")[0]).to.deep.include({
      entity: "media_player.bath",
      data: { source_player: KITCHEN },
    });
    expect(textOf(".head .title")).to.equal("Bath");
  });

  it("shows lyrics that follow the music", async () => {
    const home = new FakeHome(playing("Kitchen", { media_position: 9.9 }));
    const lines = ["One", "Two", "Three"].map((text, at) => ({ time: at * 10, text }));
    home.answers["get_lyrics"] = () => ({ lyrics: "One", lines });
    await show(home, { entity: KITCHEN });
    expect(home.called("get_lyrics")).to.have.length(1);
    await click(named("Lyrics"));
    expect(textOf(".sung")).to.match(/One|Two/);
    await until(() => textOf(".sung") === "Two");
    await click(named("Three"));
    expect(home.called("media_seek")[0]?.data).to.deep.equal({ seek_position: 20 });
  });

  it("offers lyrics only where the song has some", async () => {
    const home = house();
    const shown = await show(home, { entity: KITCHEN });
    expect(has("Lyrics")).to.equal(false);
    home.answers["get_lyrics"] = () => ({ lyrics: "La la", lines: [] });
    home.set(playing("Kitchen", { media_title: "Other", media_content_id: "library://track/2" }));
    await shown.update();
    await click(named("Lyrics"));
    expect(textOf(".lines")).to.equal("La la");
    home.answers["get_lyrics"] = () => {
      throw new Error("No.");
    };
    home.set(playing("Kitchen", { media_title: "Third", media_content_id: "library://track/3" }));
    await shown.update();
    expect(textOf(".hint")).to.contain("no lyrics");
    await click(named("Lyrics"));
    expect(has("Lyrics"), "closed").to.equal(false);
  });

  it("shows an error in the integration's own words", async () => {
    const home = house();
    home.answers["media_pause"] = () => {
      // eslint-disable-next-line @typescript-eslint/only-throw-error -- as the websocket has them
      throw {
        message: "English",
        translation_domain: "music_assistant",
        translation_key: "player_away",
        translation_placeholders: { name: "Kitchen" },
      };
    };
    const { toasts } = await show(home, { entity: KITCHEN });
    await click(named("Pause"));
    expect(toasts.map((toast) => toast.message)).to.deep.equal(["Kitchen is away."]);
  });

  it("is in the language of Home Assistant", async () => {
    const home = house();
    const shown = await show(home, { entity: KITCHEN });
    home.hass = { ...home.hass, language: "de" };
    await shown.update();
    expect(has("Warteschlange")).to.equal(true);
  });
});

describe("the queue", () => {
  const open = async (home: FakeHome) => show(home, { entity: KITCHEN, views: ["queue"] });
  const titles = (): string[] =>
    all(".row:not(.empty)")
      .map((each) => [each.getBoundingClientRect().top, each] as const)
      .sort(([a], [b]) => a - b)
      .map(([, each]) => each.querySelector(".title")?.textContent ?? "");

  it("plays what is tapped", async () => {
    const home = house();
    await open(home);
    await click(all(".row .main")[3]!);
    expect(home.called("play_queue_item")[0]?.data).to.deep.equal({ queue_item_id: "item-4" });
  });

  it("moves by dragging, at once, and back if the server refuses", async () => {
    const home = house();
    let refuse: () => void = () => undefined;
    home.answers["move_queue_item"] = () =>
      new Promise((_, reject) => {
        refuse = () => reject(new Error("No."));
      });
    const { toasts } = await open(home);
    const handle = named("Move Track 3: arrow keys up and down").getBoundingClientRect();
    const [x, y] = [handle.x + 10, handle.y + 10];
    await window.driver("mouse", "move", x, y);
    await window.driver("mouse", "down");
    await window.driver("mouse", "move", x, y + 60, { steps: 4 });
    await window.driver("mouse", "move", x, y + 2 * 56, { steps: 4 });
    await window.driver("mouse", "up");
    await settle();
    const data = { queue_item_id: "item-3", position: 5 };
    expect(home.called("move_queue_item")[0]?.data).to.deep.equal(data);
    expect(titles().slice(1, 6)).to.deep.equal([
      "Track 2",
      "Track 4",
      "Track 5",
      "Track 3",
      "Track 6",
    ]);
    refuse();
    await settle();
    expect(titles().slice(1, 4)).to.deep.equal(["Track 2", "Track 3", "Track 4"]);
    expect(toasts[0]?.message).to.equal("No.");
  });

  it("moves by keys, and keeps the focus", async () => {
    const home = house();
    await open(home);
    named("Move Track 3: arrow keys up and down").focus();
    await press("ArrowDown");
    expect(home.called("move_queue_item")[0]?.data["position"]).to.equal(4);
    const focused = all("[data-handle]").find((each) => each.matches(":focus"));
    expect(focused?.dataset["handle"]).to.equal("item-3");
    expect(textOf(".said")).to.equal("Track 3 is at position 4 now");
  });

  it("removes, and puts back where it was", async () => {
    const home = house();
    const { toasts } = await open(home);
    await click(named("More: Track 5"));
    await click(named("Remove"));
    expect(home.called("remove_queue_item")[0]?.data).to.deep.equal({ queue_item_id: "item-5" });
    expect(titles()).not.to.contain("Track 5");
    const answers = [
      [row(1), row(2)],
      [row(1), row(5, { queue_item_id: "back", position: 2 })],
    ];
    home.answers["get_queue_items"] = () => answers.shift();
    expect(toasts[0]?.action?.text).to.equal("Undo");
    toasts[0]?.action?.action();
    await until(() => home.called("move_queue_item").length);
    expect(home.called("play_media")[0]?.data).to.deep.include({
      media_id: "library://track/5",
      enqueue: "next",
    });
    const data = { queue_item_id: "back", position: 5 };
    expect(home.called("move_queue_item")[0]?.data).to.deep.equal(data);
  });

  it("removes by a swipe", async () => {
    const home = house();
    await open(home);
    const row4 = all(".row .main")[3]!;
    const at = (type: string, clientX: number): boolean =>
      row4.dispatchEvent(
        new PointerEvent(type, { pointerType: "touch", clientX, clientY: 0, bubbles: true }),
      );
    at("pointerdown", 200);
    at("pointermove", 60);
    at("pointerup", 60);
    await settle();
    expect(home.called("remove_queue_item")[0]?.data).to.deep.equal({ queue_item_id: "item-4" });
  });

  it("clears what comes next, and puts it back", async () => {
    const home = house();
    const answers = [[row(2), row(3), row(4)], [row(2)]]; // the first one is loaded, and stays
    home.answers["get_queue_items"] = () => answers.shift();
    const { toasts } = await open(home);
    await click(named("Clear what comes next"));
    expect(home.called("get_queue_items")[0]?.data).to.deep.equal({ offset: 1, limit: 500 });
    expect(home.called("clear_queue_from_here")[0]?.data).to.deep.equal({});
    toasts[0]?.action?.action();
    await settle();
    expect(home.called("play_media")[0]?.data).to.deep.include({
      media_id: ["library://track/3", "library://track/4"],
      enqueue: "add",
    });
  });

  it("clears from an item on, and puts it back", async () => {
    const home = house();
    const answers = [[row(5), row(6)], []];
    home.answers["get_queue_items"] = () => answers.shift();
    const { toasts } = await open(home);
    await click(named("More: Track 5"));
    await click(named("Remove from here on"));
    expect(home.called("get_queue_items")[0]?.data).to.deep.equal({ offset: 4, limit: 500 });
    const [call] = home.called("clear_queue_from_here");
    expect(call?.data).to.deep.equal({ queue_item_id: "item-5" });
    toasts[0]?.action?.action();
    await settle();
    expect(home.called("play_media")[0]?.data["media_id"]).to.deep.equal([
      "library://track/5",
      "library://track/6",
    ]);
    await click(named("More: Track 1"));
    expect(has("Remove from here on"), "the current item").to.equal(false);
  });

  it("asks before it removes more than it can put back", async () => {
    const home = house();
    home.queue = queueMessage(20_000);
    const { toasts } = await open(home);
    await click(named("Clear what comes next"));
    expect(textOf("dialog h2")).to.contain("19999 items");
    await click(named("Cancel"));
    expect(home.called("clear_queue_from_here")).to.have.length(0);
    await click(named("Clear what comes next"));
    await click(named("Remove"));
    expect(home.called("clear_queue_from_here")).to.have.length(1);
    expect(toasts.map((toast) => toast.action)).to.deep.equal([undefined]);
  });

  it("is saved as a playlist", async () => {
    const home = house();
    const { toasts } = await open(home);
    await click(named("Save as playlist"));
    for (const key of ["F", "r", "i"]) await press(key);
    await press("Enter");
    await until(() => home.called("save_queue_as_playlist").length);
    expect(home.called("save_queue_as_playlist")[0]?.data).to.deep.equal({ name: "Fri" });
    await settle();
    expect(toasts[0]?.message).to.equal("The queue was saved as Fri");
  });

  it("of 20,000 items has at most 60 rows, and loads what is scrolled to", async () => {
    const home = house();
    home.queue = queueMessage(20_000, 10_000);
    home.answers["get_queue_items"] = ({ offset, limit }) =>
      Array.from({ length: limit as number }, (_, at) => {
        const position = (offset as number) + at + 1;
        return row(position, { position });
      });
    await open(home);
    expect(titles()).to.contain("Track 10000");
    expect(home.called("get_queue_items")).to.have.length(0);
    const scroller = all("music-assistant-queue")[0]!.shadowRoot!.querySelector(".scroller")!;
    const tasks: number[] = [];
    const observer = new PerformanceObserver((list) =>
      tasks.push(...list.getEntries().map((entry) => entry.duration)),
    );
    observer.observe({ type: "longtask" });
    let most = 0;
    for (let step = 0; step < 60; step += 1) {
      scroller.scrollTop = step * 3000;
      await new Promise((resolve) => requestAnimationFrame(resolve));
      most = Math.max(most, all(".row").length);
    }
    scroller.scrollTop = 56 * 4321;
    await until(() => titles().includes("Track 4325"));
    observer.disconnect();
    expect(most).to.be.within(5, 60);
    console.log(`${most} rows, ${tasks.length} long tasks in 60 frames`);
    // what moved far away is read again
    const before = home.called("get_queue_items").length;
    home.tell({ revision: 1 });
    await until(() => home.called("get_queue_items").length > before);
  });

  it("follows the music, and stays right through an outage", async () => {
    const home = house();
    await open(home);
    home.tell({ current: 2 });
    await settle();
    expect(textOf(".current .title")).to.equal("Track 2");
    home.tell({ available: false });
    home.tell({ ...queueMessage(3, 3), available: true });
    await settle();
    expect(textOf(".current .title")).to.equal("Track 3");
    expect(all(".row")).to.have.length(3);
  });

  it("says that it is empty", async () => {
    const home = house();
    home.queue = queueMessage(0);
    await show(home, { entity: KITCHEN });
    await click(named("Queue"));
    expect(textOf(".hint")).to.contain("The queue is empty");
  });
});

describe("the library", () => {
  const album = { media_type: "album", uri: "library://album/7", name: "Tide" };
  const track = {
    media_type: "track",
    uri: "library://track/7",
    name: "Glass",
    artists: [{ ...album, name: "Ada" }],
  };
  const open = async (home: FakeHome, config = {}) => {
    home.answers["browse"] ??= (message) =>
      message["media_content_id"]
        ? {
            title: "Albums",
            can_play: false,
            children: [browsed("library://album/7", "Tide", "album")],
          }
        : { title: "Music", children: [browsed("albums", "Albums", "directory")] };
    home.answers["get_recommendations"] ??= () => ({
      response: [{ name: "For you", items: [album] }],
    });
    home.answers["search"] ??= () => ({ tracks: [track], albums: [album] });
    home.answers["get_providers"] ??= () => ({
      providers: ["Disk", "Stream"].map((name) => ({ name, instance_id: name.toLowerCase() })),
    });
    return show(home, { entity: KITCHEN, views: ["library"], ...config });
  };
  const browsed = (id: string, title: string, media_class: string): object => ({
    title,
    media_class,
    media_content_id: id,
    media_content_type: media_class,
    can_play: media_class !== "directory",
    can_expand: true,
    thumbnail: media_class === "directory" ? null : COVER,
  });
  const search = async (text: string): Promise<void> => {
    await click(named("Search or paste a link"));
    await window.driver("keyboard", "type", text);
    await pause(400);
    await settle();
  };

  it("opens places and comes back", async () => {
    const home = house();
    await open(home);
    expect(textOf("h3")).to.equal("For you|Browse");
    await click(named("Albums"));
    expect(textOf(".place h2")).to.equal("Albums");
    expect(textOf(".tile .title")).to.equal("Tide");
    await click(named("Back"));
    expect(textOf("h3")).to.contain("For you");
  });

  it("plays an item in every way", async () => {
    const home = house();
    const { toasts } = await open(home);
    const ways: [string, object][] = [
      ["Play now", { enqueue: "play" }],
      ["Play next", { enqueue: "next" }],
      ["Add to the queue", { enqueue: "add" }],
      ["Replace the queue", { enqueue: "replace" }],
      ["Start a radio", { radio_mode: true }],
    ];
    for (const [name, data] of ways) {
      await click(named("More: Tide"));
      await click(named(name));
      const expected = { media_id: "library://album/7", queue: "active", ...data };
      expect(home.called("play_media").at(-1)?.data).to.deep.equal(expected);
    }
    expect(toasts.map((toast) => toast.message)).to.deep.equal(Array(2).fill("Added to the queue"));
  });

  it("searches with filters", async () => {
    const home = house();
    home.answers["get_library"] = () => ({ items: [] });
    await open(home);
    await search("gla");
    expect(home.called("search")[0]?.data).to.deep.equal({
      config_entry_id: "entry",
      name: "gla",
      limit: 6,
    });
    expect(textOf("h3")).to.equal("Tracks|Albums");
    await click(named("Albums"));
    expect(home.called("search")[1]?.data).to.deep.include({ media_type: ["album"], limit: 50 });
    await click(named("All providers"));
    await click(named("Stream"));
    expect(home.called("search")[2]?.data["providers"]).to.deep.equal(["stream"]);
    await click(named("Favorites"));
    expect(home.called("get_library")[0]?.data).to.deep.include({ favorite: true, search: "gla" });
    expect(textOf(".hint")).to.contain("Nothing was found.");
    await click(named("Back"));
    expect((named("Search or paste a link") as HTMLInputElement).value).to.equal("");
  });

  it("plays a link that is pasted", async () => {
    const home = house();
    home.answers["resolve_link"] = () => ({ chosen: null });
    await open(home);
    const link = "https://open.spotify.com/track/1";
    await search(link);
    await click(all(".row .main")[0]!);
    expect(home.called("play_media")[0]?.data["media_id"]).to.equal(link);
  });

  it("adds to a playlist, and to a new one", async () => {
    const home = house();
    const playlist = { ...album, media_type: "playlist", uri: "library://playlist/1", name: "Fri" };
    home.answers["get_playlists"] = () => ({ playlists: [playlist] });
    home.answers["create_playlist"] = () => ({
      ...playlist,
      name: "Sat",
      uri: "library://playlist/2",
    });
    const { toasts } = await open(home);
    await search("gla");
    const add = async (name: string): Promise<void> => {
      await click(named("More: Glass"));
      await click(named("Add to playlist"));
      await click(named(name));
    };
    await add("Fri");
    expect(home.called("add_to_playlist")[0]?.data).to.deep.include({
      playlist: "library://playlist/1",
      media_id: ["library://track/7"],
    });
    await add("New playlist");
    await press("S");
    await press("Enter");
    await until(() => toasts.length === 2);
    expect(home.called("create_playlist")[0]?.data["name"]).to.equal("S");
    expect(toasts.map((toast) => toast.message)).to.deep.equal(["Added to Fri", "Added to Sat"]);
  });

  it("goes to the album of a song", async () => {
    const home = house();
    home.answers["get_item"] = () => ({ item: { ...track, album } });
    await open(home);
    await search("gla");
    await click(named("More: Glass"));
    await click(named("Go to album"));
    expect(textOf(".place h2")).to.equal("Tide");
  });

  it("is that of the server whose player is shown", async () => {
    const home = house();
    const id = "media_player.patio";
    const devices = { ...home.hass.devices, [id]: { id, primary_config_entry: "other" } };
    home.hass = { ...home.hass, devices };
    await open(home);
    const asked = home.called("get_recommendations").length;
    all("ha-card")[0]?.dispatchEvent(new CustomEvent("music-choose", { detail: id }));
    await settle();
    expect(home.called("get_recommendations").slice(asked)[0]?.data).to.deep.equal({
      config_entry_id: "other",
    });
  });

  it("begins with favorites, what was played, or recommendations", async () => {
    const home = house();
    home.answers["get_library"] = ({ media_type }) => ({
      items: media_type === "album" ? [album] : [],
    });
    home.answers["get_recently_played"] = () => ({ items: [track] });
    await open(home, { library: "favorites" });
    expect(textOf("h3")).to.equal("Albums");
    await open(home, { library: "recently_played" });
    expect(textOf(".row .title")).to.equal("Glass");
    await open(home, { library: "recommendations" });
    expect(textOf("h3")).to.equal("For you");
  });

  it("shows what was played and recommended as it changes", async () => {
    const home = house();
    let name = "First";
    home.answers["get_recently_played"] = () => ({ items: [{ ...track, name }] });
    await open(home, { library: "recently_played" });
    expect(textOf(".row .title")).to.equal("First");
    name = "Second";
    home.tellLists("recommendations");
    await settle();
    expect(textOf(".row .title")).to.equal("First");
    home.tellLists("recently_played");
    await until(() => textOf(".row .title") === "Second");
    expect(home.listListeners.size).to.equal(1);
    stage().replaceChildren();
    await until(() => home.listListeners.size === 0);
  });
});

describe("the players", () => {
  const open = async (home: FakeHome) => {
    const shown = await show(home, { entity: KITCHEN });
    await click(named("Players"));
    return shown;
  };

  it("join and leave by a tap", async () => {
    const home = new FakeHome(
      playing("Kitchen", { can_group_with: ["media_player.bath"] }),
      entity("Bath"),
      entity("Patio"),
    );
    const shown = await open(home);
    await click(named("Group with Kitchen"));
    expect(home.called("join")[0]).to.deep.equal({
      action: "join",
      data: { group_members: ["media_player.bath"] },
      entity: KITCHEN,
    });
    home.set(playing("Kitchen", { group_members }), playing("Bath", { group_members }));
    await shown.update();
    await click(named("Leave the group of Kitchen"));
    expect(home.called("unjoin")[0]?.entity).to.equal("media_player.bath");
  });

  it("take over what plays, and are chosen", async () => {
    const home = house();
    await open(home);
    await click(all("[aria-label='Play here what plays on Kitchen']")[0]!);
    expect(home.called("transfer_queue")[0]?.entity).to.equal("media_player.bath");
    expect(textOf(".chosen .title")).to.equal("Bath");
  });

  it("have their volumes", async () => {
    const home = house();
    await open(home);
    named("Volume of Bath").focus();
    await press("ArrowRight");
    expect(home.called("volume_set")[0]?.entity).to.equal("media_player.bath");
    expect(all("music-assistant-slider[aria-label='Volume of Away']")).to.have.length(0);
  });

  it("are all there, also fifty", async () => {
    const home = new FakeHome(...Array.from({ length: 50 }, (_, at) => playing(`Player ${at}`)));
    await show(home, { views: ["players"] });
    expect(all(".player")).to.have.length(50);
  });
});

describe("a user who may not control", () => {
  it("everything gets no buttons that fail", async () => {
    const home = house();
    for (const id of Object.keys(home.hass.states)) home.denied.add(id);
    await show(home, { entity: KITCHEN });
    for (const name of ["Pause", "Next", "Favorite", "Sleep timer", "Mute"])
      expect(has(name), name).to.equal(false);
    expect((named("Volume") as HTMLInputElement).disabled).to.equal(true);
    await click(named("Queue"));
    expect(all("[data-handle], button.main").length, "in the queue").to.equal(1); // the strip below
    expect(has("Save as playlist")).to.equal(false);
    await click(named("Players"));
    expect(all("music-assistant-players music-assistant-slider")).to.have.length(0);
  });

  it("others controls the one that they may", async () => {
    const home = house();
    home.denied.add("media_player.bath");
    await show(home, { entity: KITCHEN });
    expect(has("Pause")).to.equal(true);
    await click(named("Play on another player"));
    expect(has("Bath")).to.equal(false);
    expect(has("Patio")).to.equal(true);
  });
});

describe("the card", () => {
  it("shows whatever plays, and stays with it", async () => {
    const home = new FakeHome(entity("Bath"), playing("Kitchen"));
    const shown = await show(home);
    expect(textOf(".head .title")).to.equal("Kitchen");
    home.set(playing("Bath"));
    await shown.update();
    expect(textOf(".head .title")).to.equal("Kitchen");
    home.set(entity("Kitchen"));
    await shown.update();
    expect(textOf(".head .title")).to.equal("Bath");
  });

  it("fits its size: a strip, a bar, a phone, a tablet", async () => {
    const home = house();
    await show(home, { entity: KITCHEN }, 300, 56);
    expect(all("music-assistant-strip")).to.have.length(1);
    await show(home, { entity: KITCHEN }, 420, 120);
    expect(all("music-assistant-now-playing[compact]")).to.have.length(1);
    await show(home, { entity: KITCHEN }, 900, 600);
    expect(all("music-assistant-now-playing, music-assistant-queue")).to.have.length(2);
    for (const [width, height] of [
      [160, 56],
      [300, 56],
      [186, 120],
      [245, 120],
      [420, 120],
      [186, 376],
      [245, 376],
      [300, 400],
      [420, 760],
      [900, 600],
    ]) {
      await show(home, { entity: KITCHEN }, width, height);
      const card = all("ha-card")[0]!.getBoundingClientRect();
      for (const button of all("button").filter((each) => each.offsetParent)) {
        const box = button.getBoundingClientRect();
        expect(box.right, `${width}x${height} ${button.ariaLabel}`).to.be.at.most(card.right + 1);
      }
    }
  });

  it("outlines the field of the search once", async () => {
    await show(house(), { entity: KITCHEN, views: ["library"] });
    const input = all(".field input")[0]!;
    input.focus();
    const outline = (element: Element): string => getComputedStyle(element).outlineStyle;
    expect([outline(input), outline(input.parentElement!)]).to.deep.equal(["none", "solid"]);
  });

  it("cuts titles at their own end where the page begins on the right", async () => {
    const home = house();
    home.queue = queueMessage(3);
    stage().dir = "rtl";
    try {
      await show(home, { entity: KITCHEN, views: ["queue"] });
      await until(() => all(".row .title").length > 0);
      const { direction, textAlign } = getComputedStyle(all(".row .title")[0]!);
      expect([direction, textAlign]).to.deep.equal(["ltr", "right"]);
    } finally {
      stage().dir = "";
    }
  });

  it("asks for nothing and renders nothing while hidden", async () => {
    const home = house();
    const shown = await show(home, { entity: KITCHEN });
    expect(home.subscriptions).to.equal(1);
    stage().style.marginTop = "3000px";
    await until(() => home.subscriptions === 0);
    const [asked, renders] = [home.messages.length, counted(shown.content)];
    home.set(playing("Kitchen", { media_title: "Another" }));
    await shown.update();
    await pause(1200);
    expect(home.messages.length).to.equal(asked);
    expect(renders()).to.equal(0);
    stage().style.marginTop = "";
    await until(() => textOf(".headline") === "Another");
    expect(home.subscriptions).to.equal(1);
    shown.card.remove();
    await until(() => home.subscriptions === 0);
  });

  it("renders for an event only what it changes", async () => {
    const home = new FakeHome(playing("Kitchen"), entity("Bath"));
    const shown = await show(home, { entity: KITCHEN }, 900, 600);
    const card = counted(shown.content);
    const now = counted(all("music-assistant-now-playing")[0]!);
    const queue = counted(all("music-assistant-queue")[0]!);
    home.set({ ...entity("x"), entity_id: "light.hall" });
    await shown.update();
    expect([card(), now(), queue()], "a light").to.deep.equal([0, 0, 0]);
    home.set(entity("Bath", "idle", { volume_level: 0.1 }));
    await shown.update();
    expect([now(), queue()], "another player").to.deep.equal([0, 0]);
    home.tell({ items: [row(4, { favorite: true })] });
    await settle();
    expect([now(), queue()], "an item").to.deep.equal([0, 1]);
  });

  it("keeps nothing of 20,000 events", async function () {
    this.timeout(30_000);
    const home = house();
    home.queue = queueMessage(5000, 100);
    const shown = await show(home, { entity: KITCHEN }, 900, 600);
    const used = async (): Promise<number> => {
      await settle();
      await window.driver("page", "requestGC");
      const { memory } = performance as unknown as { memory: { usedJSHeapSize: number } };
      return memory.usedJSHeapSize / 1e6;
    };
    const before = await used();
    for (let event = 0; event < 20_000; event += 1) {
      const first = 100 + (event % 4000);
      const items = Array.from({ length: 3 }, (_, at) => row(first + at));
      home.tell({ current: first, first, order: items.map((item) => item.queue_item_id), items });
      home.set(playing("Kitchen", { media_title: `Title ${event}` }));
      shown.card.hass = home.hass;
      if (event % 500 === 0) await settle();
    }
    const after = await used();
    console.log(`${before.toFixed(1)} MB before 20,000 events, ${after.toFixed(1)} MB after`);
    expect(after - before).to.be.lessThan(3);
  });

  it("says that there is no player", async () => {
    await show(new FakeHome());
    expect(textOf(".hint")).to.contain("No player");
  });

  const views: [string, number, number, boolean][] = [
    ["Now playing", 420, 760, false],
    ["Queue", 420, 760, false],
    ["Library", 420, 760, false],
    ["Players", 420, 760, false],
    ["Now playing", 420, 760, true],
    ["Players", 900, 600, true],
  ];
  for (const [view, width, height, dark] of views)
    it(`has no fault for axe: ${view}, ${width}, ${dark ? "dark" : "light"}`, async () => {
      const home = house();
      home.hass = { ...home.hass, themes: { darkMode: dark } };
      const colors = dark ? ["#1c1c1c", "#e1e1e1"] : ["#fff", "#141414"];
      document.body.style.background = colors[0] ?? "";
      document.body.style.setProperty("--card-background-color", colors[0] ?? "");
      document.body.style.setProperty("--primary-text-color", colors[1] ?? "");
      await show(home, { entity: KITCHEN }, width, height);
      if (has(view)) await click(named(view));
      await pause(250);
      const { violations } = await axe.run(stage(), { rules: { region: { enabled: false } } });
      document.body.removeAttribute("style");
      const faults = violations.map(
        ({ id, nodes }) =>
          `${id}: ${nodes.map((node) => `${node.target.join(" ")} ${node.any.map((check) => check.message).join()}`).join("; ")}`,
      );
      expect(faults).to.deep.equal([]);
    });

  it("can be used from right to left", async () => {
    stage().dir = "rtl";
    const home = house();
    await show(home, { entity: KITCHEN }, 900, 600);
    const left = (element: HTMLElement): number => element.getBoundingClientRect().left;
    const [side, main] = [left(all(".side")[0]!), left(all("ha-card > .main")[0]!)];
    const [previous, next] = [left(named("Previous")), left(named("Next"))];
    named("Position").focus();
    await press("ArrowRight");
    stage().removeAttribute("dir");
    expect(side).to.be.greaterThan(main);
    expect(next, "as on every player").to.be.greaterThan(previous);
    expect(home.called("media_seek")[0]?.data["seek_position"]).to.be.within(51, 53);
  });
});

describe("the contract with the integration", () => {
  it("is kept by all calls in these tests", () => {
    expect(refused).to.deep.equal([]);
  });

  it("is that of the queue's messages", () => {
    expect(Object.keys(queueMessage(3)).sort()).to.deep.equal(contract.queue);
    const item = row(1, { position: 1 });
    expect(Object.keys(item).sort()).to.deep.equal(contract.queue_item);
  });
});

/** Return what tells how often an element has rendered since. */
function counted(element: HTMLElement): () => number {
  let renders = 0;
  const lit = element as unknown as { update(changed: unknown): void };
  const update = lit.update.bind(element);
  lit.update = (changed) => {
    renders += 1;
    update(changed);
  };
  return () => renders;
}
