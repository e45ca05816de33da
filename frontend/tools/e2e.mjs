// Runs the end-to-end tests: `node tools/e2e.mjs [PART OF A TEST'S NAME]`.

import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

import * as esbuild from "esbuild";
import Mocha from "mocha";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const outfile = join(root, "e2e", ".built.mjs");

await esbuild.build({
  absWorkingDir: root,
  entryPoints: ["e2e/e2e.test.ts"],
  outfile,
  bundle: true,
  platform: "node",
  format: "esm",
  packages: "external",
  external: ["*.mjs"],
});
const mocha = new Mocha({ timeout: 180_000, slow: 5000, bail: false });
if (process.argv[2]) mocha.grep(process.argv[2]);
mocha.suite.emit("pre-require", globalThis, outfile, mocha);
await import(pathToFileURL(outfile).href);
mocha.run((failures) => process.exit(failures ? 1 : 0));
