// The page asks the sandbox and shows what it says. It does not know what a state means.
import { show as showForm, values } from "/sandbox/form.js";
import { h, patch } from "/sandbox/dom.js";

const $ = (id) => document.getElementById(id);
const KEPT = 200;
let playing = null; // The transaction of the session whose user is played.
let shown = ""; // Where that session stood when its form was shown.

function say(text) {
  $("said").textContent = text;
}

/** The sandbox's answer as JSON. An error is said, and thrown. */
async function ask(path, body, method = body === undefined ? "GET" : "POST") {
  const answer = await fetch(path, { method, body }).catch(() => null);
  const json = await answer?.json().catch(() => null);
  if (answer?.ok) return json;
  const reason = json?.message ?? "The sandbox does not answer.";
  say(reason);
  throw new Error(reason);
}

/** The fields of a form as an order. What is empty is left out. What is no text where a text need not
 * stand is read as JSON: a number, a flag or a list. */
function order(form) {
  const filled = [...form.elements].filter((e) => e.name && e.value !== "");
  const read = (e) => (e.dataset.typed !== undefined && /^(\d{1,9}|true|false|\[.*\])$/.test(e.value));
  return Object.fromEntries(filled.map((e) => [e.name, read(e) ? JSON.parse(e.value) : e.value]));
}

// What is shown of the state.

const money = (amount, currency) => `${Number(amount).toFixed(2)} ${currency}`;
const button = (text, path, body = {}, more = {}) =>
  h("button", { type: "button", "data-order": path, "data-body": JSON.stringify(body), ...more }, text);
const playButton = (transaction) =>
  h("button", { type: "button", class: "main", "data-play": transaction }, "Play the user");
const choice = (name, label, options) =>
  h("label", {}, label, " ", h("select", { name }, ...options.map((o) => h("option", {}, o))));
const left = (count, what) => (count ? h("p", {}, `${count} more ${what} are not shown.`) : "");

function account(a) {
  const balance = money(a.balance.balance, a.balance.currency);
  const title = `${a.description} ${a.iban}: ${balance}, ${a.turnovers} turnovers`;
  return h("details", { "data-key": a.id, "data-fill": `/sandbox/accounts/${a.id}/turnovers` },
    h("summary", {}, title), h("div", { "data-keep": "" }));
}

function turnovers({ turnovers, more_turnovers }) {
  const row = (t) => h("tr", {}, h("td", {}, t.booking_date), h("td", {}, t.counter_holder),
    h("td", {}, t.purpose.join(" ")), h("td", { class: "number" }, money(t.amount, t.currency)));
  const head = ["Day", "With", "Purpose", "Amount"].map((name) => h("th", { scope: "col" }, name));
  return [
    h("div", { class: "wide", tabindex: "0", role: "region", "aria-label": "Turnovers" },
      h("table", {}, h("thead", {}, h("tr", {}, ...head)), h("tbody", {}, ...turnovers.map(row)))),
    left(more_turnovers, "turnovers"),
  ];
}

function connection(c, choices) {
  const will = c.bank_will.length ? `At the next logins the bank does: ${c.bank_will.join(", ")}.` : "";
  return h("article", { "data-key": c.id, class: `tone-${c.standing.tone}` },
    h("h4", {}, `${c.bank_name}, user name ${c.login}`),
    h("p", {}, h("strong", {}, c.standing.state)),
    h("p", {}, "Next: ", c.standing.next),
    will && h("p", {}, will),
    h("p", { class: "small" }, `Mode ${c.sync_mode} · consent until ${c.consent_valid_until} · id ${c.id}`),
    c.accounts.length ? h("details", {}, h("summary", {}, `${c.accounts.length} accounts`), ...c.accounts.map(account)) : "",
    h("details", { "data-key": "bank" },
      h("summary", {}, "At the next login without the user"),
      h("form", { "data-order": `/sandbox/connections/${c.id}/bank` },
        choice("next", "the bank does", choices.bank), h("button", {}, "Set"))));
}

function session(s) {
  return h("article", { "data-key": s.transaction, class: "tone-user" },
    h("h4", {}, s.purpose), h("p", {}, s.state), playButton(s.transaction));
}

function user(u, choices) {
  return h("section", { "data-key": u.id, class: "user", "aria-label": `User ${u.name ?? u.id}` },
    h("h3", {}, u.name ?? "A user without a name"),
    h("p", { class: "small" }, `Id ${u.id}`, u.email ? ` · ${u.email}` : ""),
    ...u.sessions.map(session),
    ...u.connections.map((c) => connection(c, choices)),
    left(u.more_connections, "connections"),
    u.accounts.length ? h("h4", {}, "Accounts without a connection") : "",
    ...u.accounts.map(account),
    h("details", { "data-key": "connect" },
      h("summary", {}, "Connect a bank"),
      h("form", { "data-order": `/sandbox/users/${u.id}/sessions`, "data-then": "play" },
        choice("sync_mode", "Mode", choices.modes), h("button", {}, "Open a session"))));
}

function listed(items, none) {
  return items.length ? h("ul", {}, ...items) : h("p", {}, none);
}

const choices = await ask("/sandbox/choices");
Object.assign(choices, await ask("/sandbox/scenarios"));
for (const select of document.querySelectorAll("[data-choices]")) {
  select.append(...choices[select.dataset.choices].map((name) => h("option", {}, name)));
}
$("fault-fields").append(...choices.fault_fields.map((name) =>
  h("label", {}, `${name.replaceAll("_", " ")} `, h("input", { name, "data-typed": "", autocomplete: "off" }))));

async function refresh() {
  const state = await ask("/sandbox/state");
  $("now").textContent = state.berlin;
  $("now").dateTime = state.now;
  const users = state.users.map((u) => user(u, choices));
  patch($("users"), h("div", { id: "users" }, ...(users.length ? users : [h("p", {}, "There are none yet.")]),
    left(state.more_users, "users")));
  const logins = state.logins.map(({ login, bank }) =>
    h("li", { "data-key": login }, `${login}: ${bank} `,
      button("Take back", `/sandbox/logins/${encodeURIComponent(login)}`, { bank: null },
        { "aria-label": `Take back ${bank} for ${login}` })));
  patch($("logins"), h("div", { id: "logins" }, listed(logins, "Every login is let through.")));
  const faults = state.faults.map((words) => h("li", {}, words));
  patch($("faults"), h("div", { id: "faults" }, listed(faults, "None."),
    faults.length ? button("Take back all", "/sandbox/faults", {}, { "data-method": "DELETE" }) : ""));
  document.querySelectorAll("details[open][data-fill]").forEach(fill);
  const now = state.users.flatMap((u) => u.sessions).find((s) => s.transaction === playing);
  if (playing && standing(now) !== shown) {
    // Somebody else has gone on with the session, or it is gone.
    const session = await ask(sessionPath(playing)).catch(close);
    if (session && standing(session) !== shown) showSession(session);
  }
}

/** At most one refresh at a time, and one more if something has changed meanwhile. */
let refreshing = null;
function refreshSoon() {
  if (refreshing) return void (refreshing.again = true);
  refreshing = { again: false };
  refresh().catch(() => {}).finally(() => setTimeout(() => {
    const { again } = refreshing;
    refreshing = null;
    if (again) refreshSoon();
  }, 300));
}

async function fill(details) {
  const rows = turnovers(await ask(details.dataset.fill));
  const inner = details.lastElementChild;
  patch(inner, h("div", { "data-keep": "" }, ...rows));
}

// The user of a session.

const sessionPath = (transaction) => `/sandbox/sessions/${encodeURIComponent(transaction)}`;
const standing = (session) => (session?.open ? `${session.step} ${session.state}` : "over");

function showSession(session) {
  playing = session.transaction;
  shown = standing(session);
  $("play").hidden = false;
  $("form").replaceChildren(...showForm(session));
}

function close() {
  playing = null;
  $("play").hidden = true;
  $("form").replaceChildren();
  history.replaceState(null, "", "/");
}

/** Shows the form of the session; with a body, after the form was answered. */
async function play(transaction, body) {
  showSession(await ask(sessionPath(transaction), body));
  ($("form").querySelector("[aria-invalid=true]") ?? $("play-title")).focus();
}

function fromAddress() {
  const transaction = new URLSearchParams(location.hash.slice(1)).get("session");
  if (transaction) play(transaction).catch(() => {});
}

// The log.

const berlin = (at) => new Date(at).toLocaleString("sv", { timeZone: "Europe/Berlin" }).slice(5);

function line(l) {
  const what = l.event
    ? [h("span", { class: "event" }, l.event), ` ${l.message} `, h("span", { class: "small" }, l.transaction)]
    : [h("span", { class: `status s${String(l.status)[0]}` }, l.status), ` ${l.method} ${l.path}`,
      l.operation ? (l.acted ? ", acted" : ", not acted") : "", l.fault ? `, fault ${l.fault}` : ""];
  return h("li", { "data-number": l.number },
    h("details", { "data-line": l.number },
      h("summary", {}, h("time", { datetime: l.at }, berlin(l.at)), " ", ...what)),
    l.session ? playButton(l.session) : "");
}

async function openLine(details) {
  if (details.children.length > 1) return;
  const { detail } = await ask(`/sandbox/log/${details.dataset.line}`);
  const isEmpty = (name, v) => v === null || (["query", "headers"].includes(name) && !Object.keys(v).length);
  const parts = Object.entries(detail ?? {}).filter(([name, v]) => !isEmpty(name, v));
  details.append(h("dl", {}, ...parts.flatMap(([name, part]) => {
    const text = typeof part === "string" ? part : JSON.stringify(part, null, 2);
    return [h("dt", {}, name), h("dd", {}, h("pre", { tabindex: "0" }, text))];
  })));
}

let held = [];
function append({ first, lines }) {
  held.push(...lines);
  held = held.slice(-KEPT);
  if ($("hold").getAttribute("aria-pressed") === "true") return;
  $("lines").prepend(...held.reverse().map(line));
  held = [];
  while ($("lines").children.length > KEPT || $("lines").lastElementChild?.dataset.number < first) {
    $("lines").lastElementChild.remove();
  }
}

const stream = new EventSource("/sandbox/stream");
stream.onopen = () => {
  say("");
  held = [];
  $("lines").replaceChildren();
};
stream.onerror = () => say("The sandbox does not answer.");
stream.onmessage = (message) => {
  append(JSON.parse(message.data));
  refreshSoon();
};

// What the reader does.

async function give(path, body, { method, then } = {}) {
  const answer = await ask(path, JSON.stringify(body), method);
  say(then ? "" : "Done.");
  if (then === "play") await play(answer.transaction);
}

document.addEventListener("click", (event) => {
  const { order, body, method, play: transaction, focus } = event.target.dataset ?? {};
  if (transaction) play(transaction).catch(() => {});
  else if (focus) $(focus).focus();
  else if (event.target.id === "close") close();
  else if (event.target.id === "hold") {
    const hold = $("hold").getAttribute("aria-pressed") !== "true";
    $("hold").setAttribute("aria-pressed", hold);
    if (!hold) append({ first: 0, lines: [] });
  } else if (order && event.target.tagName === "BUTTON") give(order, JSON.parse(body), { method }).catch(() => {});
});

document.addEventListener("submit", (event) => {
  event.preventDefault();
  const form = event.target;
  const fields = new FormData(form);
  const { order: path, file, open, wizard, then } = form.dataset;
  const work = async () => {
    if (wizard !== undefined) {
      const { approve } = event.submitter?.dataset ?? {};
      if (approve) await ask(approve, "{}");
      await play(wizard, JSON.stringify(values(form, event.submitter)));
    } else if (open !== undefined) await play(fields.get("transaction").trim());
    else if (file) {
      await ask(file, await fields.get("file").text());
      say("The sandbox has started anew.");
    } else {
      const body = order(form);
      // A field in the path is not in the body.
      const target = path.replace(/\{(\w+)\}/, (_, name) => {
        const value = body[name];
        delete body[name];
        return encodeURIComponent(value);
      });
      await give(target, body, { then });
    }
  };
  work().catch(() => {});
});

document.addEventListener("toggle", ({ target }) => {
  if (target.open && target.dataset.fill) fill(target).catch(() => {});
  if (target.open && target.dataset.line) openLine(target).catch(() => {});
}, true);

addEventListener("hashchange", fromAddress);
// A clock that runs by itself tells nobody.
setInterval(() => document.hidden || refreshSoon(), 5_000);
refreshSoon();
fromAddress();
