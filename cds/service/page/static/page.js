// The page at "/": a patient goes to this service, the answer comes back as data, and becomes elements with text.
// Nothing of it is kept.

import {accountShown, knownShown} from "/page/account.js";
import {cardShown, rulesOf} from "/page/cards.js";
import {changesShown} from "/page/changes.js";
import {at, el, fill, today} from "/page/elements.js";
import {SYSTEMS, keepUnits, keptUnits, noteOf, queryOf, saidOf, viewOf} from "/page/link.js";
import {preparePrinting, printHead} from "/page/printing.js";
import {answered, evaluated} from "/page/service.js";
import {changedText, note, valuesShown} from "/page/values.js";
import {GROUPS, ruleShown} from "/page/why.js";

// What is open: the text as it came, its JSON, the name of the sample that it is, the answer to it as it came, the answer
// shown, the edits by path, and the rules that were chosen to be explained.
let open = null;
let asked = 0;
let units = "";

// ---- asking -----------------------------------------------------------------------------------------------------

// Only the answer to the last question is shown, and whether it was is returned. "control" is what asked.
async function ask(work, control) {
  const number = ++asked;
  try {
    const found = await work();
    if (number !== asked) return false;
    clear();
    open = {...open, ...found};
    show();
    return true;
  } catch (error) {
    if (number === asked) fail(error, control);
    return false;
  }
}

function clear() {
  fill("failure");
  for (const control of document.querySelectorAll("[aria-invalid]")) {
    control.removeAttribute("aria-invalid");
    control.removeAttribute("aria-describedby");
  }
}

function fail(error, control) {
  clear();
  for (const id of ["outcome", "changed", "account", "cards", "known", "why", "rule", "status"]) fill(id);
  fill("failure", el("p", {class: "alert"}, error.message));
  control?.setAttribute("aria-invalid", "true");
  control?.setAttribute("aria-describedby", "failure");
  at("pair").hidden = at("tools").hidden = true;
  remember();
}

const nowShown = (control) => ask(async () => ({now: await evaluated(changedText(open), at("day").value, units)}), control);

// In other units the answer of before is asked for again too, so that only what changed is told as changed.
const bothShown = (control) => ask(async () => {
  const base = await evaluated(open.text, open.base.asOf, units);
  const isSame = !open.edits.size && at("day").value === base.asOf;
  return {base, now: isSame ? base : await evaluated(changedText(open), at("day").value, units)};
}, control);

// ---- opening a patient ------------------------------------------------------------------------------------------

async function openText(text, about, control, rules = []) {
  open = null;
  fill("notice");
  fill("values", el("p", {class: "hint"}, "Nothing is open."));
  fill("story", about.story ? el("details", {}, el("summary", {}, "The story"),
    about.story.split("\n\n").map((part) => el("p", {}, part))) : null);
  const isShown = await ask(async () => {
    const base = await evaluated(text, at("day").value, units);
    const data = JSON.parse(text.replace(/^\ufeff/, ""));
    return {text, data, title: about.title, sample: about.sample, base, now: base, edits: new Map(), rules};
  }, control);
  if (isShown) listValues();
}

const listValues = () => fill("values", valuesShown(open, edit, putBack));

async function openSample(sample, view = {}) {
  try {
    const text = await (await answered(`/samples/${encodeURIComponent(sample.name)}`)).text();
    at("day").value = view.day || sample.asOf;
    const about = {title: `Sample: ${sample.title}`, story: sample.story, sample: sample.name};
    await openText(text, about, at("sample"), view.rule ? [view.rule] : []);
  } catch (error) {
    fail(error, at("sample"));
  }
}

function openOwn(text, title, control) {
  at("sample").value = "";
  at("day").value = today();
  return openText(text, {title}, control);
}

// ---- changing a value -------------------------------------------------------------------------------------------

function edit(change, before, control) {
  note(open, change, before);
  at("back").disabled = !open.edits.size;
  return nowShown(control);
}

function putBack() {
  open.edits.clear();
  listValues();
  at("values").querySelector("input")?.focus();
  return nowShown();
}

// ---- the answer -------------------------------------------------------------------------------------------------

function show() {
  const result = open.now;
  at("welcome").hidden = true;
  at("pair").hidden = at("tools").hidden = false;
  fill("rulebook", `Rulebook ${result.rulebook.version}, ${result.rulebook.sha256.slice(0, 12)}.`);
  fill("outcome", el("div", {class: `banner ${result.role}`},
    el("p", {class: "word"}, result.outcome), el("p", {class: "meaning"}, result.meaning),
    el("p", {class: "who"}, `${open.title} · ${result.person.reference} · ${result.person.sex}, ${result.person.age} · `
      + `as of ${result.asOf} · decided by ${result.decidedBy}`)));
  fill("changed", changesShown(open));
  fill("account", accountShown(result));
  const before = new Set(open.base.cards.flatMap(rulesOf));
  fill("cards", result.cards.map((card, number) => cardShown(card, result.details[number], before, choose)),
    result.cards.length ? null : el("p", {class: "hint"}, "No card: nothing to say."));
  fill("known", knownShown(result.known));
  fill("rule", Object.entries(GROUPS).map(([group, title]) => {
    const rules = result.why.filter((rule) => rule.group === group);
    return rules.length ? el("optgroup", {label: title},
      rules.map((rule) => el("option", {value: rule.rule}, `${rule.rule} ${rule.title}`))) : null;
  }));
  open.rules = open.rules.filter((name) => result.why.some((rule) => rule.rule === name));
  showWhy(open.rules.length ? open.rules : [result.why[0].rule]);
  printHead(open, units);
  tell(result);
  remember();
}

// For who listens: the answer in a sentence, not all that is on the page.
function tell(result) {
  const before = open.base.outcome === result.outcome ? "" : ` It was ${open.base.outcome} before the change.`;
  fill("status", `Answer: ${result.outcome}, decided by ${result.decidedBy}, ${result.cards.length} cards.${before}`);
}

// A rule that was chosen stays chosen while values change: then it says why it no longer speaks.
function choose(rules) {
  open.rules = rules;
  showWhy(rules);
  remember();
}

function showWhy(rules) {
  at("rule").value = rules[0];
  fill("why", open.now.why.filter((rule) => rules.includes(rule.rule)).map(ruleShown));
  for (const card of document.querySelectorAll(".card")) {
    const chosen = card.dataset.rules.split(" ").includes(rules[0]);
    card.classList.toggle("chosen", chosen);
    card.querySelector("button.why").setAttribute("aria-pressed", String(chosen));
  }
}

// ---- the address ------------------------------------------------------------------------------------------------

// The address bar keeps the view: what is in it, says link.js.
function remember() {
  history.replaceState(null, "", location.pathname + queryOf(open, open?.rules[0], units));
  fill("link-note", open ? noteOf(open) : null);
}

async function restore(samples) {
  const view = viewOf(location.search, samples);
  chooseUnits(view.units || keptUnits());
  const sample = samples.find((known) => known.name === view.sample);
  if (sample) {
    at("sample").value = sample.name;
    await openSample(sample, view);
  }
  const said = [...view.wrong, ...(open ? saidOf(view, open.now) : [])];
  fill("notice", said.length ? el("ul", {class: "notice"}, said.map((text) => el("li", {}, text))) : null);
  if (!sample) remember();
}

async function copyLink() {
  try {
    await navigator.clipboard.writeText(location.href);
    fill("copied", "Copied.");
  } catch {
    fill("copied", "The browser does not copy: take it from the address bar.");
  }
}

// ---- the controls -----------------------------------------------------------------------------------------------

function chooseUnits(chosen) {
  units = SYSTEMS.includes(chosen) ? chosen : "";
  at("units").value = units;
}

async function start() {
  at("day").value = today();
  at("rule").addEventListener("change", () => choose([at("rule").value]));
  at("read").addEventListener("click", () => openOwn(at("pasted").value, "Pasted bundle", at("pasted")));
  at("file").addEventListener("change", () => openFile(at("file").files[0]));
  at("day").addEventListener("change", () => open && nowShown(at("day")));
  at("units").addEventListener("change", () => {
    chooseUnits(at("units").value);
    keepUnits(units);
    return open && bothShown(at("units"));
  });
  at("copy").addEventListener("click", copyLink);
  at("print").addEventListener("click", () => window.print());
  preparePrinting();
  at("values-box").open = !matchMedia("(max-width: 50rem)").matches; // there the answer would stand far below
  for (const kind of ["dragover", "dragleave", "drop"]) document.addEventListener(kind, dragged);
  try {
    await offer(await (await answered("/samples")).json());
  } catch (error) {
    fail(error);
  }
}

async function offer(samples) {
  at("sample").append(...samples.map((sample) => el("option", {value: sample.name}, sample.title)));
  fill("tiles", samples.map((sample) => el("li", {}, el("button", {type: "button", class: "tile", onclick: () => {
    at("sample").value = sample.name;
    at("answer").focus();
    openSample(sample);
  }}, el("b", {}, sample.title), el("span", {}, sample.story.split(/(?<=\.) /)[0])))));
  at("sample").addEventListener("change", () => {
    const sample = samples.find((known) => known.name === at("sample").value);
    if (sample) openSample(sample);
  });
  await restore(samples);
}

function dragged(event) {
  event.preventDefault();
  document.body.classList.toggle("dropping", event.type === "dragover");
  if (event.type === "drop") openFile(event.dataTransfer.files[0]);
}

const openFile = async (file) => file && openOwn(await file.text(), `File: ${file.name}`, at("file"));

start();
