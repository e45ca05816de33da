// Bundles the front end into the integration: `node tools/build.mjs [--watch] [--out FOLDER]`.
// The same sources make the same files, byte for byte.

import { rmSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

import * as esbuild from "esbuild";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const built = join(root, "..", "custom_components", "music_assistant", "frontend", "dist");

const { values } = parseArgs({
  options: { watch: { type: "boolean" }, out: { type: "string", default: built } },
});

const options = {
  absWorkingDir: root,
  entryPoints: { "music-assistant": "src/entry.ts" },
  outdir: resolve(values.out),
  bundle: true,
  splitting: true,
  format: "esm",
  target: "es2022",
  minify: true,
  charset: "utf8",
  legalComments: "none",
  chunkNames: "[name]-[hash]",
  logLevel: "warning",
};

rmSync(options.outdir, { recursive: true, force: true });
if (values.watch) {
  const context = await esbuild.context(options);
  await context.watch();
} else {
  await esbuild.build(options);
}
