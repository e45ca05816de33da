/** The card and the dashboard in a real Home Assistant, as people use them. */

import { expect } from "chai";
import type { Browser, BrowserContext, Locator, Page } from "playwright-core";

import { launchBrowser } from "../tools/chromium.mjs";
import { signIn, startHouse, type House } from "../tools/house.mjs";

interface Hass {
  readonly states: Readonly<Record<string, { readonly state: string } | undefined>>;
  callApi(method: string, path: string, data: object): Promise<unknown>;
  callWS(message: object): Promise<unknown>;
  callService(domain: string, service: string, data: object, target?: object): Promise<unknown>;
}

const LIVING_ROOM = "media_player.living_room";
const card = { type: "custom:music-assistant-card", entity: LIVING_ROOM };
/** May see every player, and control one. */
const ONE_PLAYER = {
  id: "one-player",
  name: "One player",
  policy: {
    entities: {
      entity_ids: { "media_player.buro": true },
      domains: { media_player: { read: true } },
    },
  },
};
/** As many items are added at once. */
const PART = 1000;
const PHONE = { width: 420, height: 860 };
/** No step takes this long unless something is wrong, on the slowest machine. */
const LONG = 60_000;

let house: House;
let browser: Browser;
let page: Page;
/** Errors of our scripts; other cards have their own. */
const faults: string[] = [];

/** Open Home Assistant as somebody. */
async function open(path: string, username = "dev", password = "dev"): Promise<Page> {
  const context: BrowserContext = await browser.newContext({ viewport: PHONE });
  const tokens = await signIn(house.url, username, password);
  await context.addInitScript(
    (kept) => localStorage.setItem("hassTokens", kept),
    JSON.stringify(tokens),
  );
  context.setDefaultTimeout(LONG);
  const opened = await context.newPage();
  opened.on("pageerror", ({ stack = "" }) => {
    if (stack.includes("music_assistant_frontend")) faults.push(stack);
  });
  await opened.goto(`${house.url}${path}`);
  return opened;
}

/** Call Home Assistant by way of the page's own connection. */
const call = (message: object): Promise<unknown> =>
  page.evaluate(
    (sent) =>
      (document.querySelector("home-assistant") as unknown as { hass: Hass }).hass.callWS(sent),
    message,
  );

const act = (domain: string, service: string, data: object, entity_id = LIVING_ROOM) =>
  call({ type: "call_service", domain, service, service_data: data, target: { entity_id } });

/** Play something, and wait until Home Assistant says so. */
async function playInLivingRoom(media_id: string): Promise<void> {
  await act("music_assistant", "play_media", { media_id, enqueue: "play" });
  await page.waitForFunction(
    (id) =>
      (document.querySelector("home-assistant") as unknown as { hass: Hass }).hass.states[id]
        ?.state === "playing",
    LIVING_ROOM,
  );
}

const button = (name: string | RegExp, within: Page | Locator = page): Locator =>
  within.getByRole("button", { name, exact: typeof name === "string" }).first();

/** Wait until a text is there. */
const see = (text: string | RegExp, within: Page = page): Promise<void> =>
  within.getByText(text).first().waitFor();

const headline = (options = {}): Locator =>
  page.locator("music-assistant-now-playing .headline", options);
const rows = (within: Page = page): Locator => within.locator("music-assistant-queue .row");
const firstTitles = (within: Page): Promise<string[]> =>
  within.locator("music-assistant-queue .row .title").allTextContents();

/** Open the card as a new user of a group. */
async function openAs(name: string, group: string): Promise<Page> {
  const { user } = (await call({
    type: "config/auth/create",
    name,
    group_ids: [group],
    local_only: true,
  })) as { user: { id: string } };
  const login = { username: name, password: name };
  await call({ type: "config/auth_provider/homeassistant/create", user_id: user.id, ...login });
  return open("/e2e-card", name, name);
}

async function makeDashboard(url_path: string, config: object): Promise<void> {
  await call({
    type: "lovelace/dashboards/create",
    url_path,
    title: url_path,
    icon: "mdi:music",
    mode: "storage",
  });
  await call({ type: "lovelace/config/save", url_path, config });
}

describe("Home Assistant with the card", () => {
  before(async function () {
    this.timeout(600_000);
    house = await startHouse([ONE_PLAYER]);
    browser = await launchBrowser();
    page = await open("/profile");
    await page.locator("home-assistant-main").waitFor();
    await makeDashboard("e2e-card", { views: [{ type: "panel", cards: [card] }] });
    await makeDashboard("e2e-music", { strategy: { type: "custom:music-assistant" } });
    await act("music_assistant", "play_media", { media_id: "library://album/1" });
    await page.goto(`${house.url}/e2e-card`);
    await see("Lanterns at Low Tide");
  });

  after(async () => {
    await browser.close();
    await house.stop();
  });

  it("plays, pauses and skips", async () => {
    await button("Pause").click();
    await button("Play").click();
    await button("Pause").waitFor();
    const title = await headline().textContent();
    await button("Next").click();
    await headline({ hasNotText: title ?? "" }).waitFor();
  });

  it("finds music and plays it", async () => {
    await button("Library").click();
    await page.getByRole("searchbox").fill("underwater");
    const hit = page.locator("music-assistant-library .row .main").first();
    const title = (await hit.locator(".title").textContent()) ?? "";
    await hit.click();
    await button("Now playing").click();
    await headline({ hasText: title }).waitFor();
    await button("Library").click();
    await button("Back").click();
    await button("Albums").click();
    await page.locator("music-assistant-library .tile").nth(5).waitFor();
  });

  it("removes from the queue and undoes it, and a second browser sees both", async () => {
    await act("music_assistant", "play_media", {
      media_id: "library://album/1",
      enqueue: "replace",
    });
    const other = await open("/e2e-card");
    for (const each of [page, other]) {
      await button("Queue", each).click();
      await see("1 / 16", each);
    }
    const before = await firstTitles(page);
    const name = before[3] ?? "";
    await button(`More: ${name}`).click();
    await page.getByRole("menuitem", { name: "Remove", exact: true }).click();
    await see("1 / 15", other);
    await page.getByRole("button", { name: "Undo" }).click();
    await see("1 / 16", other);
    await other.waitForFunction(
      ([at, expected]) => {
        const found: string[] = [];
        const look = (node: Element | ShadowRoot): void => {
          for (const each of node.querySelectorAll("*")) {
            if (each.matches(".row .title")) found.push(each.textContent);
            if (each.shadowRoot) look(each.shadowRoot);
          }
        };
        look(document.documentElement);
        return found[at as number] === expected;
      },
      [3, name] as const,
    );
    await other.context().close();
  });

  it("moves an item by dragging", async () => {
    const before = await firstTitles(page);
    const handle = page.locator(`[aria-label^="Move ${before[4] ?? ""}:"]`);
    const box = await handle.boundingBox();
    if (!box) throw new Error("no handle");
    const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
    await page.mouse.move(x, y);
    await page.mouse.down();
    await page.mouse.move(x, y + 60, { steps: 5 });
    await page.mouse.move(x, y + 112, { steps: 5 });
    await page.mouse.up();
    await rows()
      .nth(6)
      .locator(".title", { hasText: before[4] ?? "" })
      .waitFor();
  });

  it("saves the queue as a playlist", async () => {
    await button("Save as playlist").click();
    await page.keyboard.type("Friday");
    await page.keyboard.press("Enter");
    await see("The queue was saved as Friday");
  });

  it("groups players and sets their volumes", async () => {
    await button("Players").click();
    const other = page.locator("music-assistant-players .player", { hasText: "Büro" });
    await button("Group with Living Room", other).click();
    await button("Leave the group of Living Room", other).waitFor();
    await other.getByRole("slider").focus();
    await page.keyboard.press("ArrowRight");
    await button("Now playing").click();
    await button("Volume of each player").click();
    await page.getByRole("slider", { name: "Volume of Büro" }).waitFor();
    await button("Players").click();
    await button("Leave the group of Living Room", other).click();
    await button("Group with Living Room", other).waitFor();
  });

  it("shows lyrics and a sleep timer", async () => {
    await act("music_assistant", "play_media", { media_id: "library://track/1" });
    await button("Now playing").click();
    await button("Lyrics").click();
    await page.locator("music-assistant-lyrics .sung").waitFor();
    await button("Lyrics").click();
    await button("Sleep timer").click();
    await page.getByRole("menuitem", { name: "30 minutes" }).click();
    await button(/^Sleep timer until/).waitFor();
  });

  it("shows an error in the integration's words", async () => {
    await call({
      type: "call_service",
      domain: "music_assistant",
      service: "clear_queue_from_here",
      service_data: {},
      target: { entity_id: LIVING_ROOM },
    });
    await button("Library").click();
    await page.getByRole("searchbox").fill("https://example.com/nothing");
    await page.locator("music-assistant-library .row .main").first().click();
    await page.locator("ha-toast, notification-manager").first().waitFor({ state: "attached" });
    await see(/example\.com/);
    await page.getByRole("searchbox").fill("");
  });

  it("stays right when the server goes away and comes back", async () => {
    await button("Queue").click();
    house.setServer(false);
    await see("Unavailable");
    house.setServer(true);
    await rows().first().waitFor();
    await page.getByText("Living Room", { exact: true }).first().waitFor();
    expect(await rows().count()).to.be.greaterThan(0);
  });

  it("gives a user who may only look no buttons", async () => {
    const guest = await openAs("guest", "system-read-only");
    await guest.locator("music-assistant-now-playing .headline").waitFor();
    await button("Pause", guest).waitFor({ state: "detached" });
    expect(await button("Next", guest).count()).to.equal(0);
    await guest.context().close();
  });

  it("gives a user with rights for one player its buttons only", async () => {
    const child = await openAs("child", ONE_PLAYER.id);
    await child.locator("music-assistant-now-playing .headline").waitFor();
    await button("Pause", child).waitFor({ state: "detached" });
    await button("Players", child).click();
    const players = child.locator("music-assistant-players .player");
    await players.nth(50).waitFor();
    const sliders = await child
      .getByRole("slider")
      .evaluateAll((found) => found.map((each) => each.getAttribute("aria-label")));
    expect(sliders).to.deep.equal(["Volume of Büro"]);
    await button(/^Büro/, players.filter({ hasText: "Büro" })).click();
    await button("Library", child).click();
    await child.getByRole("searchbox").fill("underwater");
    await child.locator("music-assistant-library .row .main").first().click();
    await button("Now playing", child).click();
    await button("Pause", child).click();
    await button("Play", child).waitFor();
    await child.context().close();
  });

  it("has 50 players, and plays on the last one", async () => {
    await playInLivingRoom("library://album/2");
    await button("Players").click();
    const players = page.locator("music-assistant-players .player");
    await players.nth(50).waitFor();
    const last = players.filter({ hasText: /\b45\b/ });
    await button(/^Play here what plays on Living Room/, last).click();
    await page
      .locator("ha-card .head .chip")
      .filter({ hasText: /\b45\b/ })
      .waitFor();
    await button("Now playing").click();
    await button("Pause").waitFor();
    await button("Play on another player").click();
    await page.getByRole("menuitem", { name: "Living Room", exact: true }).click();
    await page.locator("ha-card .head .chip").filter({ hasText: "Living Room" }).waitFor();
  });

  it("shows a queue of 20,000 items in few rows", async () => {
    const media = Array.from({ length: 20_000 }, (_, at) => `library://track/${1 + (at % 400)}`);
    await button("Queue").click();
    for (let from = 0; from < media.length; from += PART) {
      const part = media.slice(from, from + PART);
      await call({
        type: "call_service",
        domain: "music_assistant",
        service: "send_command",
        service_data: {
          command: "player_queues/play_media",
          data: { queue_id: "living_room", media: part, option: from ? "add" : "replace" },
        },
        return_response: true,
      });
      await see(`1 / ${from + PART}`);
    }
    const scroller = page.locator("music-assistant-queue .scroller");
    let most = 0;
    for (let step = 1; step <= 20; step += 1) {
      await scroller.evaluate(
        (list, part) => (list.scrollTop = list.scrollHeight * part),
        step / 20,
      );
      most = Math.max(most, await rows().count());
    }
    const last = page.locator("music-assistant-queue .row[aria-posinset='19991']");
    await button(/^More:/, last).click();
    expect(most).to.be.within(5, 60);
    await page.getByRole("menuitem", { name: "Remove from here on" }).click();
    await see("1 / 19990");
    await page.getByRole("button", { name: "Undo" }).click();
    await see("1 / 20000");
    await act("music_assistant", "play_media", {
      media_id: "library://album/1",
      enqueue: "replace",
    });
    await see("1 / 16");
  });

  it("is offered by the card picker, with an editor", async () => {
    const offered = await page.evaluate(
      async ([entity]) => {
        const element = document.querySelector("home-assistant") as unknown as { hass: never };
        const cards = (window as unknown as { customCards: Offer[] }).customCards;
        interface Offer {
          type: string;
          getEntitySuggestion(hass: never, entity: string): object | null;
        }
        const ours = cards.find((each) => each.type === "music-assistant-card");
        const shell = customElements.get("music-assistant-card") as unknown as {
          getConfigForm(): Promise<{ schema: { name: string }[] }>;
          getStubConfig(hass: never): Promise<object>;
        };
        return {
          suggestion: ours?.getEntitySuggestion(element.hass, entity ?? ""),
          none: ours?.getEntitySuggestion(element.hass, "sun.sun"),
          stub: await shell.getStubConfig(element.hass),
          fields: (await shell.getConfigForm()).schema.map((field) => field.name),
        };
      },
      [LIVING_ROOM],
    );
    expect(offered.suggestion).to.deep.equal({ config: card });
    expect(offered.none).to.equal(null);
    expect(offered.stub).to.have.keys("entity");
    expect(offered.fields).to.deep.equal(["entity", "views", "library", "height"]);
  });

  it("makes a dashboard of all players, listed among the community's", async () => {
    await playInLivingRoom("library://album/2");
    await act("media_player", "join", { group_members: ["media_player.kuche"] });
    await page.goto(`${house.url}/e2e-music`);
    // of a group only the leader is among those that play
    const playingNow = page.locator("hui-grid-section").first().locator("music-assistant-card");
    await playingNow.filter({ hasText: "Living Room" }).first().waitFor();
    expect(await playingNow.filter({ hasText: "Küche", visible: true }).count()).to.equal(0);
    for (const heading of ["Playing now", "Players", "Favorites", "Recently played"])
      await see(heading);
    await page.locator("music-assistant-strip").nth(5).waitFor();
    await page.goto(`${house.url}/config/lovelace/dashboards`);
    await button(/Add dashboard/i).click();
    await see(/Players that play now, all players by area/);
  });

  it("shows the alarms on the dashboard, and switches them", async () => {
    await page.goto(`${house.url}/e2e-music/alarms`);
    await see("There is no alarm yet.");
    const hours = { monday: [{ from: "07:00:00", to: "08:00:00" }] };
    await call({ type: "schedule/create", name: "Mondays", ...hours });
    const input = { player: LIVING_ROOM, schedule: "schedule.mondays", media: "Static Fruit" };
    await page.evaluate(
      (config) =>
        (document.querySelector("home-assistant") as unknown as { hass: Hass }).hass.callApi(
          "POST",
          "config/automation/config/e2e",
          config,
        ),
      { alias: "Wake up", use_blueprint: { path: "music_assistant/alarm.yaml", input } },
    );
    // the dashboard is made anew by itself
    await see("Wake up");
    await see("Mondays");
    await see(/at 7:00/);
    await page.getByRole("switch").first().click();
    await page.waitForFunction(
      () =>
        (document.querySelector("home-assistant") as unknown as { hass: Hass }).hass.states[
          "automation.wake_up"
        ]?.state === "off",
    );
  });

  it("made no errors in the pages", () => {
    expect(faults.join("\n\n")).to.equal("");
  });
});
