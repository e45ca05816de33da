import { expect } from "chai";

import { clockText, positionAt } from "../src/clock.js";
import { checkConfig } from "../src/config.js";
import { configForm, stubConfig } from "../src/editor.js";
import { qualityText } from "../src/format.js";
import type { HomeAssistant } from "../src/ha.js";
import { layoutFor } from "../src/layout.js";
import { loadTexts, localize } from "../src/localize.js";
import { lineAt } from "../src/lyrics.js";
import { isItem, isLink, isPlace, mediaOfBrowseItem, mediaOfItem } from "../src/media.js";
import { can, Feature, groupOf, pickPlayer, playerOf, playersIn } from "../src/players.js";
import {
  applyDifference,
  EMPTY_QUEUE,
  mayHaveMoved,
  moveRow,
  removeRow,
  rowAt,
} from "../src/queue.js";
import { MOST_ROWS, rowsIn } from "../src/rows.js";
import { generateDashboard } from "../src/strategy.js";
import { tintOf, tintStyle } from "../src/tint.js";
import de from "../src/translations/de.json";
import en from "../src/translations/en.json";
import { entity, FakeHome, playing, queueMessage, row } from "./fake-hass.js";

describe("the queue's differences", () => {
  const whole = applyDifference(EMPTY_QUEUE, queueMessage(12, 3));

  it("count from 0", () => {
    expect(whole.current).to.equal(2);
    expect(rowAt(whole, 0)?.media_title).to.equal("Track 1");
    expect(rowAt(whole, 12)).to.equal(undefined);
  });

  it("leave what a message doesn't mention", () => {
    const now = applyDifference(whole, { current: 4 });
    expect(now.current).to.equal(3);
    expect(now.order).to.equal(whole.order);
    expect(now.rows.size).to.equal(12);
  });

  it("forget items that are no longer there", () => {
    const items = [row(99, { queue_item_id: "new" })];
    const now = applyDifference(whole, { order: ["item-2", "new"], items, count: 2 });
    expect([...now.rows.keys()]).to.deep.equal(["item-2", "new"]);
  });

  it("take null for nothing", () => {
    const nothing = { current: null, queue_id: null, first: null, order: [], count: 0 };
    const now = applyDifference(whole, nothing);
    expect([now.current, now.queueId, now.first]).to.deep.equal([undefined, undefined, 0]);
  });

  it("tell whether what is far away may have moved", () => {
    const moved = (message: object): boolean =>
      mayHaveMoved(whole, applyDifference(whole, message));
    expect(moved({ current: 4 })).to.equal(false);
    expect(moved({ first: 2, order: whole.order.slice(1) })).to.equal(false);
    expect(moved({ revision: 1 })).to.equal(true);
    expect(moved({ count: 11 })).to.equal(true);
    expect(moved({ order: ["item-2", "item-1", ...whole.order.slice(2)] })).to.equal(true);
  });

  it("can be foreseen", () => {
    expect(moveRow(whole, "item-5", 8).order.indexOf("item-5")).to.equal(8);
    expect(moveRow(whole, "unknown", 8)).to.equal(whole);
    const removed = removeRow(whole, "item-1");
    expect([removed.count, removed.current]).to.deep.equal([11, 1]);
    expect(removeRow(whole, "item-9").current).to.equal(2);
  });
});

describe("the rows in the page", () => {
  it("are never more than the limit, and cover what is seen", () => {
    for (const count of [0, 1, 10, 20_000])
      for (const height of [100, 600, 1400, 5000])
        for (const top of [0, 33, 5000, 56 * 20_000]) {
          const { first, end } = rowsIn(top, height, 56, count);
          expect(end - first).to.be.within(0, MOST_ROWS);
          expect(first).to.be.at.least(0);
          expect(end).to.be.at.most(count);
          const seen = Math.floor(top / 56);
          if (seen < count) expect(seen).to.be.within(first, end - 1);
        }
  });
});

describe("the clock", () => {
  const state = playing("Kitchen");
  const player = playerOf(state);

  it("goes while it plays, up to the end", () => {
    expect(positionAt(player, player.positionAt + 10_000)).to.equal(60);
    expect(positionAt(player, player.positionAt + 1_000_000)).to.equal(200);
    expect(positionAt(playerOf({ ...state, state: "paused" }), Date.now() + 9000)).to.equal(50);
    expect(positionAt(playerOf(entity("Kitchen")), 0)).to.equal(undefined);
  });

  it("is written with hours where there are some", () => {
    const written = [0, 59.9, 215, 4000].map(clockText);
    expect(written).to.deep.equal(["0:00", "0:59", "3:35", "1:06:40"]);
  });
});

describe("lyrics", () => {
  it("tell the line that is sung", () => {
    const lines = [2, 5, 5, 9].map((time) => ({ time, text: "" }));
    expect([0, 2, 4.9, 5, 100].map((at) => lineAt(lines, at))).to.deep.equal([-1, 0, 0, 2, 3]);
    expect(lineAt([], 4)).to.equal(-1);
  });
});

describe("formats", () => {
  it("tell quality in a few letters", () => {
    const flac = { content_type: "flac", sample_rate: 44100, bit_depth: 16 };
    expect(qualityText(flac)).to.equal("FLAC 16/44.1");
    expect(qualityText({ content_type: "mp3", bit_rate: 320 })).to.equal("MP3 320");
    expect(qualityText({ content_type: "?" })).to.equal("");
    expect(qualityText(undefined)).to.equal("");
  });

  it("follow the card's size", () => {
    expect(layoutFor(400, 56)).to.equal("strip");
    expect(layoutFor(400, 120)).to.equal("bar");
    expect(layoutFor(400, 600)).to.equal("narrow");
    expect(layoutFor(900, 600)).to.equal("wide");
  });
});

describe("tints", () => {
  const pixels = (...colors: number[][]): Uint8ClampedArray =>
    new Uint8ClampedArray(colors.flatMap((color) => [...color, 255]));

  it("are the hue that there is most of", () => {
    expect(tintOf(pixels([200, 20, 20], [200, 22, 20], [20, 20, 200])).hue).to.be.within(0, 5);
    expect(tintOf(pixels([0, 0, 200])).hue).to.equal(240);
  });

  it("are none for grey", () => {
    expect(tintOf(pixels([90, 90, 90])).vividness).to.equal(0);
    expect(tintStyle(tintOf(pixels([90, 90, 90])), true)).to.deep.equal({});
    expect(tintStyle(undefined, true)).to.deep.equal({});
  });
});

describe("media", () => {
  const artists = [{ media_type: "artist", uri: "library://artist/1", name: "Ada" }];
  const album = { media_type: "album", uri: "library://album/1", name: "Tide", artists };

  it("are read from both kinds of answers", () => {
    expect(mediaOfItem(album)).to.include({ name: "Tide", detail: "Ada", canOpen: true });
    const track = { ...album, media_type: "track", version: "Live", album };
    const read = { name: "Tide (Live)", detail: "Ada · Tide", canOpen: false };
    expect(mediaOfItem(track)).to.include(read);
    const place = mediaOfBrowseItem({
      title: "Albums",
      media_class: "directory",
      media_content_type: "music_assistant",
      media_content_id: "albums",
      can_play: false,
      can_expand: true,
    });
    expect([isPlace(place), isItem(place)]).to.deep.equal([true, false]);
    expect(isItem(mediaOfItem(album))).to.equal(true);
  });

  it("may be a link, which is not a name", () => {
    expect(isLink(" https://open.spotify.com/track/1 ")).to.equal(true);
    expect(isLink("https is not a song")).to.equal(false);
  });
});

describe("players", () => {
  const group_members = ["media_player.kitchen", "media_player.bath"];
  const kitchen = playing("Kitchen", { group_members });
  const home = new FakeHome(
    entity("Patio"),
    kitchen,
    playing("Bath", { group_members }),
    entity("Away", "unavailable"),
    entity("Display", "idle", { device_class: "tv" }),
  );
  const players = playersIn(home.hass);
  const names = (list: readonly { name: string }[]): string[] => list.map(({ name }) => name);

  it("are those that play music, by name", () => {
    expect(names(players)).to.deep.equal(["Away", "Bath", "Kitchen", "Patio"]);
    expect(playerOf(kitchen)).to.equal(playerOf(kitchen));
  });

  it("are picked by what plays: who leads, and who was shown", () => {
    expect(pickPlayer(players)?.name).to.equal("Kitchen");
    expect(pickPlayer(players, "media_player.bath")?.name).to.equal("Bath");
    expect(pickPlayer(players.filter(({ playing: plays }) => !plays))?.name).to.equal("Patio");
    expect(pickPlayer([])).to.equal(undefined);
    expect(stubConfig(home.hass)).to.deep.equal({ entity: "media_player.kitchen" });
  });

  it("have features only while they are there", () => {
    expect(can(playerOf(entity("Away", "unavailable")), Feature.PAUSE)).to.equal(false);
    expect(names(groupOf(playerOf(kitchen), players))).to.deep.equal(["Kitchen", "Bath"]);
  });
});

describe("options", () => {
  it("are checked, and the error says what is expected", () => {
    const type = "custom:music-assistant-card";
    const check = (options: object) => () => checkConfig({ type, ...options });
    expect(check({})).not.to.throw();
    expect(check({ entity: "light.kitchen" })).to.throw("a media player");
    expect(check({ views: ["tv"] })).to.throw("now_playing, queue");
    expect(check({ library: "x" })).to.throw("favorites");
    expect(check({ height: -1 })).to.throw("pixels");
  });

  it("have names in the editor", async () => {
    const form = (await configForm("en")) as {
      schema: { name: string }[];
      computeLabel(field: { name: string }): string;
    };
    for (const field of form.schema) expect(form.computeLabel(field)).to.match(/^[A-Z]/);
  });
});

describe("texts", () => {
  it("are those of the language, English until they are loaded or where there is none", async () => {
    expect(localize("de-CH", "queue_empty")).to.equal(en.queue_empty);
    await Promise.all([loadTexts("de-CH"), loadTexts("xx")]);
    expect(localize("de-CH", "queue_empty")).to.equal(de.queue_empty);
    expect(localize("xx", "minutes", { count: 15 })).to.equal("15 minutes");
  });
});

describe("the dashboard", () => {
  interface Card {
    heading?: string;
    entity?: string;
    library?: string;
    visibility?: object[];
  }

  it("is in Home Assistant's language", async () => {
    const { hass } = new FakeHome(playing("Kitchen"));
    expect(await generateDashboard({ ...hass, language: "fr" })).to.include({ title: "Musique" });
  });

  it("has what plays, each area, favorites and what was played", async () => {
    const { hass } = new FakeHome(playing("Kitchen"), entity("Patio"));
    const id = "media_player.kitchen";
    const { views } = (await generateDashboard({
      ...hass,
      areas: { cook: { area_id: "cook", name: "Cooking", icon: "mdi:pot" } },
      devices: { ...hass.devices, [id]: { id, area_id: "cook" } },
    })) as { views: { sections: { cards: Card[] }[] }[] };
    const sections = views[0]?.sections ?? [];
    expect(sections.map((section) => section.cards[0]?.heading)).to.deep.equal([
      "Playing now",
      undefined,
      "Cooking",
      "Favorites",
      "Recently played",
    ]);
    expect(sections[2]?.cards[1]?.entity).to.equal(id);
    expect(sections[0]?.cards[1]?.visibility).to.deep.equal([
      {
        condition: "and",
        conditions: [
          { condition: "state", entity: id, state: ["playing", "buffering"] },
          {
            condition: "state",
            entity: id,
            attribute: "active_queue",
            state: ["Kitchen", "unknown", "unavailable"],
          },
        ],
      },
    ]);
    expect(sections[2]?.cards[2]?.heading).to.equal("Other players");
    expect(sections[3]?.cards[1]?.library).to.equal("favorites");
  });

  describe("has alarms", () => {
    const related: Record<string, object> = {
      "schedule.week": { automation: ["automation.wake_up", "automation.lights"] },
      "schedule.weekend": { automation: ["automation.wake_up", "automation.other_alarm"] },
      "automation.wake_up": {
        automation_blueprint: ["somebody/alarm.yaml"],
        entity: ["schedule.week", "media_player.kitchen"],
      },
      "automation.lights": {
        automation_blueprint: ["somebody/not_alarm.yaml"],
        entity: ["schedule.week", "media_player.kitchen"],
      },
      "automation.other_alarm": {
        automation_blueprint: ["alarm.yaml"],
        entity: ["schedule.weekend", "media_player.television"],
      },
    };
    const home = (): FakeHome => {
      const made = new FakeHome(playing("Kitchen"));
      const schedules = ["schedule.week", "schedule.weekend", "schedule.unused"];
      made.set(...schedules.map((id) => ({ ...entity(id, "off"), entity_id: id })));
      made.answers["related"] = ({ item_id }) => related[item_id as string];
      return made;
    };
    const alarmsOf = async (hass: HomeAssistant): Promise<(Card & { content?: string })[][]> => {
      const { views } = (await generateDashboard(hass)) as {
        views: { path: string; sections: { cards: Card[] }[] }[];
      };
      const view = views.find(({ path }) => path === "alarms");
      return (view?.sections ?? []).map(({ cards }) => cards);
    };

    it("made from the blueprint for one of our players, with their schedules", async () => {
      const alarms = await alarmsOf(home().hass);
      expect(alarms.map((cards) => cards.map(({ entity: id }) => id))).to.deep.equal([
        ["automation.wake_up", "schedule.week", "schedule.weekend"],
      ]);
    });

    it("or says how to make one, to those who can", async () => {
      const { hass } = new FakeHome(playing("Kitchen"));
      const [[, hint] = []] = await alarmsOf(hass);
      expect(hint?.content).to.contain("[blueprint](/config/blueprint/dashboard)");
      expect(await alarmsOf({ ...hass, user: { id: "kim", is_admin: false } })).to.deep.equal([]);
    });

    it("unless Home Assistant doesn't say", async () => {
      const made = home();
      made.answers["related"] = () => {
        throw new Error("unknown command");
      };
      expect(await alarmsOf(made.hass)).to.have.length(1);
    });
  });
});
