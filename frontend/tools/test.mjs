// Runs the unit and component tests in a browser: `node tools/test.mjs [PART OF A TEST'S NAME]`.

import { readFileSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { createServer } from "node:http";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import * as esbuild from "esbuild";

import { launchBrowser } from "./chromium.mjs";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const LIMIT = 600_000;
const PAGE = `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Tests</title><link rel="icon" href="data:,">
<style>body{margin:0;background:#fafafa;font-family:sans-serif}</style></head>
<body><main id="stage"></main><script src="/mocha.js"></script>
<script>mocha.setup({ui:"bdd",reporter:function(){},timeout:60000})</script>
<script src="/tests.js"></script></body></html>`;

/** In the page: run the tests, print those that fail, return how many did. */
function run(grep) {
  if (grep) window.mocha.grep(grep);
  return new Promise((resolve) => {
    const runner = window.mocha.run(resolve);
    runner.on("fail", (test, error) => console.log(`${test.fullTitle()}\n${error.stack}\n`));
    runner.on("end", () => {
      const { passes, failures, duration } = runner.stats;
      console.log(`${passes} passed, ${failures} failed in ${duration / 1000} s`);
    });
  });
}

const files = (await readdir(join(root, "test"))).filter((name) => name.endsWith(".test.ts"));
const bundle = await esbuild.build({
  absWorkingDir: root,
  stdin: {
    contents: files.map((name) => `import "./test/${name}";`).join("\n"),
    resolveDir: root,
  },
  bundle: true,
  write: false,
  format: "iife",
  target: "es2022",
  sourcemap: "inline",
});
const CONTENTS = {
  "/": ["text/html", PAGE],
  "/mocha.js": ["text/javascript", readFileSync(join(root, "node_modules/mocha/mocha.js"))],
  "/tests.js": ["text/javascript", bundle.outputFiles[0].contents],
};
const server = createServer((request, response) => {
  const [type, body] = CONTENTS[request.url] ?? [];
  response.writeHead(body ? 200 : 404, { "content-type": type ?? "text/plain" });
  response.end(body);
});
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));

const browser = await launchBrowser();
let failures = 1;
try {
  const page = await browser.newPage({ viewport: { width: 1000, height: 900 } });
  page.on("console", (message) => console.log(message.text()));
  page.on("pageerror", (error) => console.error(error));
  // What a page can't do by itself: real keys, pointers and media features.
  await page.exposeFunction("driver", (tool, method, ...args) =>
    tool === "page" ? page[method](...args) : page[tool][method](...args),
  );
  await page.goto(`http://127.0.0.1:${server.address().port}/`);
  failures = await Promise.race([
    page.evaluate(run, process.argv[2] ?? ""),
    new Promise((resolve) => setTimeout(resolve, LIMIT, "took too long").unref()),
  ]);
} finally {
  await browser.close();
  server.close();
}
if (failures) {
  console.error(`Failed: ${failures}`);
  process.exit(1);
}
