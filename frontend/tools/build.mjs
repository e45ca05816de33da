// Bundles the front end into the integration: `node tools/build.mjs [--watch] [--out FOLDER]`.
// The same sources make the same files, byte for byte.

import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

import * as esbuild from "esbuild";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const built = join(root, "..", "custom_components", "music_assistant", "frontend", "dist");

const { values } = parseArgs({
  options: { watch: { type: "boolean" }, out: { type: "string", default: built } },
});
const outdir = resolve(values.out);

/** Writes what has changed, so that Home Assistant finds all files at any moment. */
const save = {
  name: "save",
  setup(build) {
    build.onEnd(({ errors, outputFiles }) => {
      if (errors.length) return;
      mkdirSync(outdir, { recursive: true });
      const names = new Set(outputFiles.map(({ path }) => basename(path)));
      for (const { path, contents } of outputFiles)
        if (!existsSync(path) || !readFileSync(path).equals(contents))
          writeFileSync(path, contents);
      for (const name of readdirSync(outdir)) if (!names.has(name)) rmSync(join(outdir, name));
    });
  },
};

const options = {
  absWorkingDir: root,
  entryPoints: { "music-assistant": "src/entry.ts" },
  outdir,
  bundle: true,
  splitting: true,
  format: "esm",
  target: "es2022",
  minify: true,
  charset: "utf8",
  legalComments: "none",
  chunkNames: "[name]-[hash]",
  logLevel: "warning",
  write: false,
  plugins: [save],
};

if (values.watch) await (await esbuild.context(options)).watch();
else await esbuild.build(options);
