// A Home Assistant with the integration and a demo server, which can be cut off from each other.

import { spawn } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createConnection, createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..", "..");
const python = join(root, ".venv", "bin", "python");
const LIMIT = 400_000;
/** Compiled modules are kept: without them each start takes minutes on a slow machine. */
const { PYTHONDONTWRITEBYTECODE: _, ...env } = process.env;
const LOGIN = ["--username", "demo", "--password", "demo-password"];

const listen = (server) =>
  new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(server.address().port)));

async function freePort() {
  const server = createServer();
  const port = await listen(server);
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Start a program and wait until it has printed something. */
function start(module, args, printed) {
  const child = spawn(python, ["-m", module, ...args], { cwd: root, env });
  const started = new Promise((resolve, reject) => {
    let output = "";
    const take = (data) => {
      output += data;
      if (output.includes(printed)) resolve();
    };
    child.stdout.on("data", take);
    child.stderr.on("data", take);
    child.on("exit", () => reject(new Error(`${module} ended:\n${output}`)));
    setTimeout(() => reject(new Error(`${module} is not ready:\n${output}`)), LIMIT).unref();
  });
  const stop = () =>
    new Promise((resolve) => {
      if (child.exitCode !== null) resolve();
      child.on("exit", resolve);
      child.kill("SIGINT");
    });
  return { started, stop };
}

/** Pass connections on to a port, until told not to. */
function passOn(port) {
  const sockets = new Set();
  let open = true;
  const server = createServer((socket) => {
    if (!open) return socket.destroy();
    const other = createConnection(port, "127.0.0.1");
    for (const [one, another] of [
      [socket, other],
      [other, socket],
    ]) {
      sockets.add(one);
      one.pipe(another);
      one.on("error", () => another.destroy());
      one.on("close", () => {
        sockets.delete(one);
        another.destroy();
      });
    }
  });
  return {
    server,
    set(value) {
      open = value;
      if (!open) for (const socket of sockets) socket.destroy();
    },
  };
}

/** Return the tokens that the front end keeps after somebody has signed in. */
export async function signIn(hassUrl, username, password) {
  const clientId = `${hassUrl}/`;
  const post = async (path, body) =>
    (await fetch(`${hassUrl}${path}`, { method: "POST", body })).json();
  const flow = await post(
    "/auth/login_flow",
    JSON.stringify({
      client_id: clientId,
      handler: ["homeassistant", null],
      redirect_uri: clientId,
    }),
  );
  const login = JSON.stringify({ username, password, client_id: clientId });
  const { result: code } = await post(`/auth/login_flow/${flow.flow_id}`, login);
  const form = { grant_type: "authorization_code", code, client_id: clientId };
  const tokens = await post("/auth/token", new URLSearchParams(form));
  return { ...tokens, hassUrl, clientId, expires: Date.now() + tokens.expires_in * 1000 };
}

/** Make groups of users with rights of their own, for which Home Assistant has no page. */
function writeGroups(folder, groups) {
  const data = { users: [], groups, credentials: [], refresh_tokens: [] };
  const storage = join(folder, "config", ".storage");
  mkdirSync(storage, { recursive: true });
  writeFileSync(
    join(storage, "auth"),
    JSON.stringify({ version: 1, minor_version: 1, key: "auth", data }),
  );
}

/** Start everything, with these groups of users; `setServer(false)` cuts the server off. */
export async function startHouse(groups = []) {
  const folder = mkdtempSync(join(tmpdir(), "e2e-"));
  writeGroups(folder, groups);
  cpSync(join(root, "blueprints"), join(folder, "config", "blueprints"), { recursive: true });
  const [serverPort, homePort] = [await freePort(), await freePort()];
  const server = start(
    "tests.server",
    ["--port", String(serverPort), "--more-players", "45", ...LOGIN],
    String(serverPort),
  );
  const passage = passOn(serverPort);
  const url = `http://127.0.0.1:${await listen(passage.server)}`;
  await server.started;
  const home = start(
    "scripts.develop_",
    ["--folder", folder, "--port", String(homePort), "--server", url, ...LOGIN],
    "Ready after",
  );
  const stop = async () => {
    await Promise.all([home.stop(), server.stop()]);
    passage.set(false);
    passage.server.close();
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await home.started;
  } catch (error) {
    await stop();
    throw error;
  }
  return { url: `http://127.0.0.1:${homePort}`, setServer: passage.set, stop };
}
