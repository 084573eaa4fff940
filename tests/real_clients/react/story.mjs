// The whole story of an installer, as a customer clicks through it; prints what was seen as JSON.
// usage: node story.mjs API-URL INTEGRATION GROUP PAGE-PORT PACKAGES CHROMIUM [SCREENSHOTS]
import { mkdirSync, mkdtempSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const [api, integration, group, port, packages, executablePath, shots] = process.argv.slice(2);
const installed = createRequire(join(packages, "node_modules", "x.js"));
const { build } = installed("esbuild");
const { chromium } = installed("playwright-core");

const folder = mkdtempSync(join(tmpdir(), "ampsandbox-react-"));
await build({
  entryPoints: [join(dirname(fileURLToPath(import.meta.url)), "page.jsx")],
  bundle: true,
  outfile: join(folder, "page.js"),
  jsx: "automatic",
  nodePaths: [join(packages, "node_modules")],
  define: {
    "process.env.NODE_ENV": '"production"',
    // What a user sets to point the published package at a sandbox.
    "process.env.REACT_APP_AMP_SERVER": JSON.stringify(api),
  },
  logLevel: "error",
});

const html =
  '<!doctype html><meta charset="utf-8"><title>A page of the app</title>' +
  '<link rel="stylesheet" href="/page.css"><div id="root"></div><script src="/page.js"></script>';
const files = {
  "/": ["text/html", html],
  "/page.js": ["text/javascript", readFileSync(join(folder, "page.js"))],
  "/page.css": ["text/css", readFileSync(join(folder, "page.css"))],
};
const server = createServer((request, response) => {
  const found = files[new URL(request.url, "http://page").pathname];
  response.writeHead(found ? 200 : 404, { "content-type": found ? found[0] : "text/plain" });
  response.end(found ? found[1] : "");
});
await new Promise((listening) => server.listen(Number(port), "localhost", listening));

const seen = { screens: {}, calls: [], errors: [], callbacks: [] };
const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
const context = await browser.newContext({ viewport: { width: 1000, height: 820 } });
// Fonts and logos of other sites: the component does without them.
await context.route(
  (url) => !["127.0.0.1", "localhost"].includes(url.hostname),
  (route) => route.abort(),
);
context.setDefaultTimeout(20_000);
const page = await context.newPage();
page.on("pageerror", (error) => seen.errors.push(String(error)));
page.on("response", (response) => {
  if (response.url().startsWith(api)) {
    const path = response.url().slice(api.length).replace(/[0-9a-f-]{36}/g, "{id}");
    seen.calls.push([response.request().method(), response.status(), path.split("?")[0]]);
  }
});

async function look(name, where = page) {
  seen.screens[name] = await where.innerText("body");
  if (shots) {
    mkdirSync(shots, { recursive: true });
    await where.screenshot({ path: join(shots, `${Object.keys(seen.screens).length}-${name}.png`) });
  }
}

const press = (name) => page.getByRole("button", { name, exact: true }).click();
const heard = (name) => page.waitForFunction((it) => window.callbacks.some((each) => each.name === it), name);
const tab = (name) => page.getByRole("tab", { name }).or(page.getByText(name, { exact: true })).first().click();

try {
  await page.goto(`http://localhost:${port}/?project=demo&integration=${integration}&group=${group}`);
  await page.getByRole("button", { name: "Next" }).waitFor();
  await look("connect");

  const denied = page.waitForEvent("popup");
  await press("Next");
  await (await denied).getByRole("button", { name: "Deny" }).click();
  await page.getByText("access_denied").waitFor();
  await look("denied");
  await page.reload();

  await page.getByRole("button", { name: "Next" }).waitFor();
  const opened = page.waitForEvent("popup");
  await press("Next");
  const popup = await opened;
  await popup.getByRole("button", { name: "Allow" }).waitFor();
  await look("consent", popup);
  const closed = popup.waitForEvent("close");
  await popup.getByRole("button", { name: "Allow" }).click();
  await closed;

  await page.getByText("Map the following fields").waitFor();
  await look("configure");
  const role = page.getByPlaceholder("Please select one").first();
  await role.fill("title");
  await page.getByRole("option", { name: /Title$/ }).first().waitFor();
  await look("mapping");
  await page.getByRole("option", { name: /Title$/ }).first().click();
  await press("Install");
  await heard("installed");
  await look("installed");

  await tab("Write");
  await page.getByText("to write to these objects").waitFor();
  await look("write");
  await page.getByRole("checkbox").first().click();
  await press("Save");
  await heard("updated");
  await look("saved");

  await tab("Manage");
  await page.getByText("Uninstall entire integration").waitFor();
  await look("manage");
  // The app's server writes to what the customer has chosen by now, under the app's own names.
  const written = await fetch(`${api}/v1/projects/demo/integrations/${integration}/objects/person`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({
      groupRef: group,
      type: "create",
      record: { last_name: "Hopper", role: "Admiral", webinars_attended: 3 },
    }),
  });
  seen.written = { status: written.status, ...(await written.json()) };
  const found = await fetch(`${api}/v1/projects/demo/integrations/${integration}?groupRef=${group}`, {
    method: "POST",
    body: JSON.stringify({
      objectName: "person",
      fieldFilters: [{ fieldName: "last_name", operator: "eq", value: "Hopper" }],
    }),
  });
  seen.found = await found.json();
  await press("Yes, uninstall");
  await heard("uninstalled");
  await look("uninstalled");
} catch (error) {
  seen.errors.push(String(error));
  await look("failure");
}
seen.callbacks = await page.evaluate(() => window.callbacks);
console.log(JSON.stringify(seen));
await browser.close();
server.closeAllConnections();
server.close();
