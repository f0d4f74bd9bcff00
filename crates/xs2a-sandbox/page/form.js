// A form of the wizard as a form of HTML: each kind of element, also those of other versions of the
// service, and kinds that nobody knows yet.
import { h } from "/sandbox/dom.js";

const PICTURE = /^data:image\/(png|jpeg|gif|webp);base64,/;
const CODE = /^[A-Za-z0-9+/=\s]*$/;

const isLink = (text) => typeof text === "string" && /^https?:\/\//.test(text);
const link = (words, url) => h("a", { href: url, target: "_blank", rel: "noopener noreferrer" }, words);

/** The small markup of the service's texts: `[words|link]` and `[br]`. */
function marked(text) {
  return String(text ?? "").split(/(\[br\]|\[[^[\]|]*\|[^[\]|]*\])/).map((part) => {
    const [words, url] = part.slice(1, -1).split("|");
    if (part === "[br]") return h("br");
    return url !== undefined && part.startsWith("[") && isLink(url) ? link(words, url) : part;
  });
}

function text(e, kind = "") {
  return h("div", { class: `text ${kind}` }, e.title ? h("h3", {}, ...marked(e.title)) : "",
    h("p", {}, ...marked(e.text ?? e.description ?? e.label)));
}

function picture(e) {
  const data = e.data ?? e.src ?? "";
  const known = PICTURE.test(data) || (data !== "" && CODE.test(data));
  if (!known) return h("p", {}, e.label ?? "(a picture that cannot be shown)");
  const source = PICTURE.test(data) ? data : `data:image/png;base64,${data}`;
  return h("img", { src: source, alt: e.label ?? "A picture from the bank", class: "picture" });
}

/** The options of a list or a map, as pairs of what is sent and what is read. */
function options(given) {
  const words = (option) => (typeof option === "object" && option ? option.label ?? "" : String(option));
  return Object.entries(given ?? {}).map(([sent, option]) =>
    ({ sent, words: words(option), disabled: option?.disabled === true }));
}

/** Why the bank or the service has rejected the element; false if it has not. */
function rejection(e, attributes = {}) {
  const failed = [].concat(e.failed_validation_rules || []).join(", ");
  return e.invalid === true && h("p", { class: "error", ...attributes }, e.validation_error || failed || "This was rejected.");
}

let names = 0;

/** A control with its label, its rejection and its description. */
function labelled(e, control, ...beside) {
  const id = `control-${++names}`;
  const notes = [e.description && h("p", { id: `${id}-note`, class: "small" }, ...marked(e.description)),
    rejection(e, { id: `${id}-error` })].filter(Boolean);
  const attributes = { id, "aria-invalid": e.invalid === true && "true",
    "aria-describedby": notes.map((note) => note.id).join(" ") || null };
  Object.entries(attributes).forEach(([key, value]) => value && control.setAttribute(key, value));
  const label = h("label", { for: id }, ...marked(e.label ?? e.name));
  const box = control.type === "checkbox";
  return h("div", { class: `field ${box ? "box" : ""}` }, ...(box ? [control, label] : [label, ...beside, control]), ...notes);
}

function input(e, type = "text", ...beside) {
  const required = String(e.validation ?? "").split("|").includes("required");
  return labelled(e, h("input", { type, name: e.name, value: e.value, placeholder: e.placeholder,
    maxlength: e.maxlength > 0 ? e.maxlength : null, disabled: e.disabled === true,
    "aria-required": required && "true", autocomplete: "off", spellcheck: "false" }), ...beside);
}

function group(e, ...children) {
  return h("fieldset", { disabled: e.disabled === true }, h("legend", {}, ...marked(e.label ?? e.name)), rejection(e), ...children);
}

/** Bars that are bright and dark by turns. They flash slowly, and only when asked to. */
function flicker(e) {
  const moments = [].concat(e.code ?? []).map((moment) => [].concat(moment));
  const bars = (moments[0] ?? []).map(() => h("i"));
  const screen = h("div", { class: "flicker", role: "img", "aria-label": "Flickering code" }, ...bars);
  const start = h("button", { type: "button", "aria-pressed": "false" }, "Let it flicker");
  let at = 0;
  const draw = () => bars.forEach((bar, i) => bar.classList.toggle("on", Number(moments[at]?.[i]) === 1));
  let timer = null;
  start.addEventListener("click", () => {
    clearInterval(timer);
    timer = timer ? null : setInterval(() => {
      if (!screen.isConnected) return clearInterval(timer);
      at = (at + 1) % moments.length;
      draw();
    }, 400);
    start.setAttribute("aria-pressed", String(timer !== null));
  });
  draw();
  return input(e, "text", screen, start);
}

function radio(e) {
  const choices = options(e.options).map(({ sent, words, disabled }) =>
    h("label", {}, h("input", { type: "radio", name: e.name, value: sent, disabled,
      checked: e.checked !== false && e.checked !== null && String(e.checked) === sent }), " ", words));
  return group(e, ...choices);
}

function select(e) {
  const known = options(e.options);
  const chosen = known.find(({ sent }) => sent === String(e.selected)) ?? known[e.selected]
    ?? known.find(({ words }) => words === e.selected);
  return labelled(e, h("select", { name: e.name, disabled: e.disabled === true }, ...known.map(({ sent, words, disabled }) =>
    h("option", { value: sent, disabled, selected: sent === chosen?.sent }, words))));
}

function tabs(e) {
  const list = Array.isArray(e.tabs);
  const name = e.name ?? "login_tab";
  const buttons = options(e.tabs).map(({ sent, words }) => {
    const value = list ? words : sent;
    return h("button", { "data-action": e.action ?? "switch-login-tabs", name, value,
      "aria-pressed": String([sent, words].includes(String(e.selected))) }, words);
  });
  return h("div", { role: "group", "aria-label": e.label ?? "Ways to log in", class: "tabs" }, ...buttons);
}

function multi(e, context) {
  const groups = [].concat(e.elements ?? []);
  const value = (g, i) => String(g.value ?? i);
  const chosen = e.selected ?? value(groups[0] ?? {}, 0);
  const parts = groups.map((g, i) => h("fieldset", { hidden: value(g, i) !== chosen, disabled: value(g, i) !== chosen },
    h("legend", {}, g.label ?? ""), ...[].concat(g.elements ?? []).map((inner) => element(inner, context))));
  const picker = h("select", { name: e.name }, ...groups.map((g, i) =>
    h("option", { value: value(g, i), selected: value(g, i) === chosen }, g.label ?? value(g, i))));
  picker.addEventListener("change", () => parts.forEach((part, i) => {
    part.hidden = part.disabled = value(groups[i], i) !== picker.value;
  }));
  return h("div", {}, labelled(e, picker), ...parts);
}

function redirect(e, context) {
  context.submit = "I have been there";
  context.back ??= e.back;
  return isLink(e.url) ? h("p", {}, link(e.label ?? "Continue at your bank", e.url)) : text(e, "warning");
}

const KINDS = {
  text: (e) => input(e),
  password: (e) => input(e, "password"),
  hidden: (e) => h("div", {}, h("input", { type: "hidden", name: e.name, value: e.value }), rejection(e)),
  captcha: (e) => input(e, "text", picture({ ...e, label: "Characters to be read" })),
  flicker,
  image: (e) => h("figure", {}, picture(e), e.label ? h("figcaption", {}, e.label) : ""),
  logo: (e) => (e.data || e.label ? picture(e) : h("p", { class: "small" }, "(the logo of the bank)")),
  checkbox: (e) => labelled(e, h("input", { type: "checkbox", name: e.name, checked: e.checked === true, disabled: e.disabled === true })),
  radio, select, tabs, multi, redirect,
  help_text: (e) => text(e),
  paragraph: (e) => text(e, e.severity ?? ""),
  description: (e) => text(e),
  // These change the buttons below the form, or when the form is sent.
  submit: (e, context) => void Object.assign(context, { submit: e.label ?? "Continue", back: e.back ?? context.back }),
  abort: (e, context) => void (context.abort = e.label ?? "Abort"),
  restart: (e, context) => void (context.restart = e.label ?? "Start again"),
  autosubmit: (e, context) => void (context.after = e.interval ?? 3000),
};

/** A kind that nobody knows: what can be answered is a line to fill in, the rest is a text. */
function unknown(e) {
  const kind = h("p", { class: "small" }, `This page does not know the kind “${e.type}”.`);
  return h("div", {}, e.name ? input({ ...e, value: e.value ?? "" }) : text(e), kind);
}

function element(e, context) {
  const kind = Object.hasOwn(KINDS, e.type) ? KINDS[e.type] : unknown;
  return kind(e, context) ?? "";
}

/** What there is to see of a session, and its form. */
export function show(session) {
  const { answer, transaction } = session;
  const context = { submit: "Continue", back: "Back", abort: "Abort" };
  const error = answer.error?.message ?? (typeof answer.error === "string" ? answer.error : null);
  const head = [h("p", {}, `${session.purpose}${session.user ? ` for ${session.user}` : ""}. `, h("strong", {}, session.state)),
    error ? h("p", { class: "error", role: "alert" }, error) : ""];
  const elements = [].concat(answer.form?.elements ?? []).map((e) => element(e, context));
  if (!session.open) return [...head, ...elements];
  const act = (words, action) => h("button", { "data-action": action, formnovalidate: "" }, words);
  const approve = answer.polling?.interval && h("button", { class: "main", "data-action": "poll",
    "data-approve": `/sandbox/sessions/${encodeURIComponent(transaction)}/approve` }, "Approve in the app");
  const form = h("form", { "data-wizard": transaction, novalidate: "", lang: session.language, autocomplete: "off" },
    ...elements, h("div", { class: "buttons", lang: "en" }, approve || h("button", { class: "main" }, context.submit),
      act(context.back, "back"), context.restart && act(context.restart, "restart"), act(context.abort, "abort")));
  if (context.after) setTimeout(() => form.isConnected && form.requestSubmit(), context.after);
  return [...head, form];
}

/** What the form sends: the values of its controls, or what its button stands for. */
export function values(form, submitter) {
  const { action } = submitter?.dataset ?? {};
  if (action) return { action, ...(submitter.name ? { [submitter.name]: submitter.value } : {}) };
  const sent = {};
  for (const control of form.elements) {
    if (!control.name || control.matches(":disabled") || control.tagName === "BUTTON") continue;
    if (control.type === "checkbox") sent[control.name] = control.checked;
    else if (control.type !== "radio" || control.checked) sent[control.name] = control.value;
  }
  return sent;
}
