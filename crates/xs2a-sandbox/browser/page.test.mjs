// The page of the sandbox, as people use it: by clicks, by keys, on a desktop and on a phone.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { after, before, test } from "node:test";
import { chromium } from "playwright-core";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const SCRIPT = "<script>window.broken = 1</script><img src=x onerror='window.broken = 1'>";
const DESKTOP = { viewport: { width: 1200, height: 660 } };
const PHONE = { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, hasTouch: true };

let sandbox, base, printed = "", browser, page;
const seen = []; // The bodies that the page has received.
const asked = []; // The addresses that the page has asked.
const complaints = []; // What the browser complains about.

before(async () => {
  const options = ["--listen", "127.0.0.1:0", "--api-key", "CANARY-KEY", "--starts-at", "2026-01-31T09:00:00Z"];
  sandbox = spawn(process.env.SANDBOX, options);
  sandbox.stderr.on("data", (text) => (printed += text));
  const output = sandbox.stdout[Symbol.asyncIterator]();
  base = /listening on (\S+)/.exec((await output.next()).value)[1];
  const args = ["--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync"];
  // Chromium has no sandbox of its own for root.
  const chromiumSandbox = process.getuid?.() !== 0;
  browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args, chromiumSandbox });
  page = await open(DESKTOP);
});

after(async () => {
  await browser?.close();
  sandbox?.kill();
});

async function open(options, path = "/") {
  const page = await browser.newPage(options);
  page.on("request", (request) => asked.push(request.url()));
  page.on("response", async (response) => seen.push(await response.text().catch(() => "")));
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("console", (message) => {
    // Chromium reports every answer of 400 and above.
    if (message.type() === "error" && !message.text().startsWith("Failed to load resource")) complaints.push(message.text());
  });
  await page.goto(base + path);
  await page.locator("#now").filter({ hasNotText: "…" }).waitFor();
  return page;
}

async function call(method, path, body, secret = "CANARY-KEY") {
  const headers = { authorization: `Basic ${btoa(`api:${secret}`)}`, "content-type": "application/json" };
  const answer = await fetch(base + path, { method, headers, body: body && JSON.stringify(body) });
  const text = await answer.text();
  return { status: answer.status, body: text.startsWith("{") ? JSON.parse(text) : text };
}

const story = async (yaml) => assert.equal((await fetch(`${base}/sandbox/scenario`, { method: "POST", body: yaml })).status, 200);
const button = (name, within = page) => within.getByRole("button", { name, exact: true });
const play = () => page.locator("#play");
/** Waits until this is true, half a minute at most. */
async function until(what, is) {
  const end = Date.now() + 30_000;
  while (!(await is())) {
    assert.ok(Date.now() < end, `waited in vain until ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
const sees = (text, within = page) => within.getByText(text).first().waitFor();

test("a connection is created by clicks: a wrong PIN and its reason, a TAN, an approval", async () => {
  await page.getByText("Add a user").click();
  await page.getByLabel("Name", { exact: true }).fill(SCRIPT);
  await button("Add the user").click();
  const user = page.getByRole("region", { name: `User ${SCRIPT}`, exact: true });
  await user.getByText("Connect a bank").click();
  await button("Open a session", user).click();
  await play().getByLabel("Country").selectOption("Germany");
  await play().getByLabel("Bank code").fill("88888888");
  await button("Continue").click();

  await play().getByLabel("User name").fill("tan-app");
  await play().getByLabel("PIN").fill("000000");
  await play().getByLabel("privacy policy").check();
  await button("Continue").click();
  const pin = play().locator("[aria-invalid=true]");
  await pin.waitFor();
  assert.equal(await pin.evaluate((e) => document.activeElement === e), true, "the rejected field has the focus");
  const reason = play().locator(`#${await pin.getAttribute("aria-describedby")}`);
  assert.equal(await reason.textContent(), "The bank has rejected this.");
  assert.equal(await play().getByRole("alert").textContent(), "The bank has rejected this.");

  await play().getByLabel("User name").fill("tan-app");
  await pin.fill("CANARY-PIN");
  await play().getByLabel("privacy policy").check();
  await button("Continue").click();
  await sees("The bank asks for a TAN.", play());
  await play().getByLabel("TAN").fill("CANARY-TAN");
  await button("Continue").click();
  await button("Approve in the app").click();
  await sees("Your bank is connected.", play());
  await sees("Testbank, user name tan-app", user);
  await sees("3 accounts", user);
});

test("the console has a link to the form of a session that a call has opened", async () => {
  await story("users: [{ name: Eve, token: CANARY-TOKEN, connections: [{ mode: none, login: redirect }] }]");
  const { body } = await call("GET", "/v1/api/connections", undefined, "CANARY-TOKEN");
  const sync = await call("POST", `/v1/api/connections/${body.data[0].id}/sync`, {}, "CANARY-TOKEN");
  assert.equal(sync.status, 202);
  const link = printed.trim().split("\n").findLast((line) => line.includes("waits for its user")).split(" ").at(-1);
  await page.goto(link);
  await sees("The user logs in.", play());
  await play().getByLabel("User name").fill("redirect");
  await play().getByLabel("PIN").fill("1");
  await play().getByLabel("privacy policy").check();
  await page.keyboard.press("Enter");
  const visit = page.waitForEvent("popup");
  await play().getByRole("link", { name: "Continue at your bank" }).click();
  await sees("Thank you.", await visit);
  await (await visit).close();
  await button("I have been there").click();
  await sees("Your bank is connected.", play());
  // The page shows what was sent, without the key and the token.
  await page.locator("#lines summary", { hasText: "POST" }).first().click();
  const detail = page.locator("#lines dl").first();
  await sees("(concealed)", detail);
  assert.match(await detail.textContent(), /an access token of the user/);
});

test("every kind of element is a part of a real form, and what is unknown can be answered", async () => {
  const hostile = (e) => ({ label: `${e.name ?? e.type} ${SCRIPT}`, ...e });
  const elements = [
    { type: "logo", label: "The bank" },
    { type: "help_text", title: SCRIPT, text: "Read [this|https://example.com/a] or[br]not [that|javascript:alert(1)]." },
    { type: "paragraph", title: "Mind", text: "the gap", severity: "warning" },
    { type: "description", text: "words" },
    { type: "image", data: "iVBORw0KGgo=" },
    { type: "text", name: "text", placeholder: "abc", maxlength: 5, value: "was", validation: "required|x" },
    { type: "password", name: "password", invalid: true, failed_validation_rules: "required" },
    { type: "hidden", name: "hidden", value: "kept", invalid: true, validation_error: "It was changed." },
    { type: "captcha", name: "captcha", data: null },
    { type: "flicker", name: "flicker", code: [[1, "0"], ["0", 1]] },
    { type: "checkbox", name: "yes", checked: true },
    { type: "checkbox", name: "no", checked: false },
    { type: "radio", name: "radio", options: ["App", { label: "SMS" }, { label: "Post", disabled: true }], checked: 1 },
    { type: "radio", name: "none", options: { a: "A" }, checked: false },
    { type: "select", name: "map", options: { DE: "Germany", AT: "Austria" }, selected: "AT" },
    { type: "select", name: "list", options: ["one", "two"], selected: 1 },
    { type: "multi", name: "multi", selected: "B", elements: [
      { label: "by card", value: "A", elements: [{ type: "text", name: "card" }] },
      { label: "by name", value: "B", elements: [{ type: "text", name: "alias", value: "me" }] }] },
    { type: "tabs", action: "switch-login-tabs", tabs: { pin: "PIN", app: "App" }, selected: "pin" },
    { type: "redirect", url: "javascript:alert(1)", label: "No link" },
    { type: "hologram", name: "beam", value: "up" },
    { type: "constructor" },
    { type: "submit", label: "Send it", back: "Go back" },
    { type: "restart", label: "From the start" },
    { type: "abort", label: "Give up" },
  ].map(hostile);
  const session = { transaction: "t", purpose: SCRIPT, user: SCRIPT, state: SCRIPT, open: true, language: "en",
    answer: { form: { name: "f", elements }, error: { message: SCRIPT }, polling: false } };
  let sent;
  await page.route("**/sandbox/sessions/t", (route) => {
    sent = route.request().postDataJSON();
    session.open = sent?.auto === undefined;
    return route.fulfill({ json: session });
  });
  const post = async (click) => {
    const answered = page.waitForResponse("**/sandbox/sessions/t");
    await click();
    await answered;
    return sent;
  };
  await page.goto(`${base}/#session=t`);
  await sees("From the start", play());
  await sees("It was changed.", play());
  assert.equal(await play().getByRole("link").count(), 1, "only https is a link");
  assert.equal(await page.evaluate(() => window.broken), undefined);
  assert.equal(await play().locator("script").count(), 0);
  const labelled = await play().locator("input:not([type=hidden]), select").evaluateAll((all) => all.every((e) => e.labels.length > 0));
  assert.equal(labelled, true, "every control has a label");
  const axe = await inspect(page);
  assert.deepEqual(axe.violations, []);

  assert.equal(await play().locator(".flicker .on").count(), 1);
  await button("Let it flicker").click();
  await play().locator(".flicker i:nth-child(2).on").waitFor();
  await play().getByLabel("beam").fill("down");
  assert.deepEqual(await post(() => button("Send it").click()), {
    text: "was", password: "", hidden: "kept", captcha: "", flicker: "", yes: true, no: false, radio: "1",
    map: "AT", list: "1", multi: "B", alias: "me", beam: "down",
  });
  await play().getByLabel("multi").selectOption("by card");
  await play().getByLabel("card").fill("4711");
  const card = await post(() => button("Send it").click());
  assert.deepEqual([card.multi, card.card, card.alias], ["A", "4711", undefined]);
  assert.deepEqual(await post(() => button("App").click()), { action: "switch-login-tabs", login_tab: "app" });
  assert.deepEqual(await post(() => button("Go back").click()), { action: "back" });
  assert.deepEqual(await post(() => button("From the start").click()), { action: "restart" });
  assert.deepEqual(await post(() => button("Give up").click()), { action: "abort" });
  session.answer.form.elements = [{ type: "autosubmit", interval: 20 }, { type: "hidden", name: "auto", value: "yes" }];
  await button("Send it").click();
  await until("the form has sent itself", () => sent?.auto === "yes");
  await page.unroute("**/sandbox/sessions/t");
  await button("Close").click();
  assert.equal(await play().isVisible(), false);
});

test("the log grows with the calls, and not without bound when days of automatic syncs pass", async () => {
  await story("users: [{ name: Ada, token: CANARY-TOKEN, connections: [{ count: 120 }] }]");
  await page.goto(`${base}/`);
  await sees("100 more connections are not shown.");
  const lines = page.locator("#lines li");
  await until("120 connections are logged", async () => (await lines.count()) === 120);
  await call("GET", "/v1/api/connections", undefined, "CANARY-TOKEN");
  await until("the call is logged", async () => (await lines.count()) === 121);
  assert.match(await lines.first().textContent(), /200 GET \/v1\/api\/connections, acted/);
  const nodes = [];
  for (const day of ["2026-02-01", "2026-02-02", "2026-02-03", "2026-02-04"]) {
    await button("+ 1 day").click();
    await page.locator("#now", { hasText: day }).waitFor();
    await until("the syncs are logged", async () => (await lines.first().textContent()).includes("bank_connection.sync"));
    assert.ok((await lines.count()) <= 200);
    nodes.push(await page.evaluate(() => document.querySelectorAll("*").length));
  }
  assert.ok(nodes.at(-1) <= nodes[0] + 200, `${nodes}`);
  await button("Hold").click();
  await call("GET", "/v1/api/accounts", undefined, "CANARY-TOKEN");
  await page.waitForTimeout(500);
  assert.doesNotMatch(await lines.first().textContent(), /accounts/);
  await button("Hold").click();
  await lines.first().getByText("GET /v1/api/accounts, acted").waitFor();
});

test("what the bank does and what breaks on the way is switched on and off, by keys alone", async () => {
  await page.goto(`${base}/`);
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  assert.equal(await page.evaluate(() => document.activeElement.id), "log", "the skip link leads to the log");
  await page.getByLabel("At every login with the user name").fill("eve/../x");
  await page.keyboard.press("Tab");
  await page.keyboard.type("unav");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await sees("eve/../x: unavailable");
  await page.getByRole("button", { name: "Take back unavailable" }).press("Enter");
  await sees("Every login is let through.");

  await page.getByRole("combobox", { name: "Fault", exact: true }).selectOption("throttle");
  await page.getByLabel("at the operation").selectOption("list_users");
  await page.getByText("Further fields").click();
  await page.getByLabel("millis").fill("7");
  await button("Switch on").press("Enter");
  await sees("millis: does not belong to the fault throttle");
  await page.getByLabel("millis").fill("");
  await page.getByLabel("retry after").fill("7");
  await button("Switch on").press("Enter");
  await sees("throttle, list_users, call 1 from now");
  assert.equal((await call("GET", "/v1/api/users")).status, 429);
  await sees("None.");
  await page.getByLabel("at the call number").fill("");
  await button("Switch on").press("Enter");
  await sees("throttle, list_users, every call");
  await button("Take back all").press("Enter");
  await sees("None.");
  assert.equal((await call("GET", "/v1/api/users")).status, 200);
});

test("a scenario is loaded from the page, and what is wrong in one is told with its place", async () => {
  const choose = (text) => page.getByLabel("A file of yours").setInputFiles({ name: "my.yaml", mimeType: "text/yaml", buffer: Buffer.from(text) });
  await choose("users:\n  - nam: Ada\n");
  await button("Start with the file").click();
  await sees("line 2, column 5: unknown field `nam`");
  await choose(`users: [{ name: Zoe, connections: [{ failures: 2, message: "${SCRIPT}" }] }]`);
  await button("Start with the file").click();
  await sees(`Failed 2 of 3 times in a row: ${SCRIPT}.`);
  await sees("The last attempt is left");
  await page.getByLabel("A story").selectOption("one-morning");
  await button("Start with the story").click();
  await sees("The bank asks for a TAN.");
  await button("Play the user").first().click();
  await button("Start anew").click();
  await button("Play the user").first().click();
  await fetch(`${base}/sandbox/scenarios/bad-day`, { method: "POST" });
  await sees("user name quick-bank");
  await until("the form of a session that is gone is closed", async () => !(await play().isVisible()));
  await fetch(`${base}/sandbox/scenarios/one-morning`, { method: "POST" });
  await sees("The bank asks for a TAN.");
  // What is open and what has the focus stays so when something else changes.
  const ada = page.getByRole("region", { name: "User Ada" });
  await ada.getByText("3 accounts").first().click();
  await ada.getByText(/^Current account/).first().click();
  await ada.getByRole("cell", { name: "Notary Trust Account" }).waitFor();
  const field = page.getByLabel("At every login with the user name");
  await field.fill("half a na");
  await call("GET", "/v1/api/users");
  await page.locator("#lines li", { hasText: "list_users" }).or(page.locator("#lines li", { hasText: "GET /v1/api/users" })).first().waitFor();
  await page.waitForTimeout(600);
  assert.equal(await field.inputValue(), "half a na");
  assert.equal(await field.evaluate((e) => document.activeElement === e), true);
  assert.equal(await ada.getByRole("cell", { name: "Notary Trust Account" }).isVisible(), true);
});

async function inspect(page) {
  await page.evaluate(AXE);
  const { passes, violations } = await page.evaluate(() => axe.run(document, { resultTypes: ["violations"] }));
  return { passes: passes.length, violations: violations.map((v) => `${v.impact}: ${v.id} at ${v.nodes.map((n) => n.target)}`) };
}

test("the page is readable for all: no finding of axe, wide and narrow, light and dark", async (t) => {
  for (const [width, size] of [["desktop", DESKTOP], ["phone", PHONE]]) {
    for (const colorScheme of ["light", "dark"]) {
      await fetch(`${base}/sandbox/scenarios/one-morning`, { method: "POST" });
      const page = await open({ ...size, colorScheme });
      const { body } = await call("GET", "/v1/api/connections", undefined, "ada-morning-token");
      for (const { id } of body.data.slice(0, 3)) await call("POST", `/v1/api/connections/${id}/sync`, {}, "ada-morning-token");
      await page.getByRole("button", { name: "Play the user" }).first().click();
      await page.locator("#play").getByLabel("TAN").fill("000000");
      await page.getByRole("button", { name: "Continue" }).click();
      await page.locator("#play .error").first().waitFor();
      await page.locator("#lines li", { hasText: "/sync" }).nth(2).locator("summary").waitFor();
      if (process.env.SCREENSHOTS) {
        await page.evaluate(() => { document.activeElement.blur(); scrollTo(0, 0); });
        await page.waitForTimeout(500);
        await page.screenshot({ path: `${process.env.SCREENSHOTS}/sandbox-${width}-${colorScheme}.png`, scale: "css" });
      }
      await page.getByText("3 accounts").first().click();
      await page.getByText(/^Current account/).first().click();
      await page.locator("#lines summary").first().click();
      await page.locator("#lines dl").waitFor();
      const found = await inspect(page);
      t.diagnostic(`axe, ${width}, ${colorScheme}: ${found.passes} rules passed, ${found.violations.length} findings`);
      assert.deepEqual(found.violations, []);
      assert.equal(await page.evaluate(() => document.documentElement.scrollWidth > innerWidth), false, "nothing is cut off");
      await page.close();
    }
  }
});

test("no secret has reached the page, nothing came from elsewhere, and the browser complains of nothing", async (t) => {
  await call("PUT", "/v1/api/users", { name: "CANARY-KEY in a name", email: "a@b.c" });
  await page.waitForTimeout(600);
  const all = seen.join("\n") + (await page.content());
  for (const secret of ["CANARY", "ada-morning-token", "our-half-of-it", "wizard_session_key\":\"(?!\\(concealed)"]) {
    assert.doesNotMatch(all, new RegExp(secret));
  }
  const foreign = asked.filter((url) => !url.startsWith(`${base}/`) && !url.startsWith("data:"));
  assert.deepEqual(foreign, []);
  assert.equal(await page.evaluate(() => window.broken), undefined);
  assert.deepEqual(complaints, []);
  const parts = ["/", "/sandbox/page.css", "/sandbox/page.js", "/sandbox/form.js", "/sandbox/dom.js"];
  const weights = await Promise.all(parts.map(async (part) => (await (await fetch(base + part)).arrayBuffer()).byteLength));
  t.diagnostic(`the page weighs ${weights.reduce((a, b) => a + b)} bytes`);
  assert.ok(weights.reduce((a, b) => a + b) < 150 * 1024);
});
