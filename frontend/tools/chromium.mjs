// Finds the browser that the tests run in, and starts it.

import { accessSync, constants } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import { chromium } from "playwright-core";

const NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"];
const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--enable-precise-memory-info",
];

function isProgram(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

// What scripts/setup has found or unpacked.
const PROVIDED = join(dirname(fileURLToPath(import.meta.url)), "..", "..", ".venv/bin/chromium");

/** Return the path of a browser, undefined if there is none. */
export function findBrowser() {
  const folders = (process.env.PATH ?? "").split(delimiter);
  const onPath = NAMES.flatMap((name) => folders.map((folder) => join(folder, name)));
  return [PROVIDED, ...onPath].find(isProgram);
}

export function launchBrowser() {
  const executablePath = findBrowser();
  if (!executablePath) throw new Error("No Chromium or Chrome was found.");
  return chromium.launch({ executablePath, args: FLAGS });
}
