// The page at "/": a patient goes to this service, the answer comes back as data, and becomes elements with text.
// Nothing is ever parsed as HTML (the Content-Security-Policy forbids it), and nothing is kept.
"use strict";

const TAGS = new Set(["p", "h4", "ul", "ol", "li", "strong", "em", "blockquote", "table", "thead", "tbody", "tr", "th", "td", "br"]);
const GROUPS = {says: "Speaks", asks: "Asks for data", silenced: "Silenced by another rule", silent: "Did not fire",
  off: "Switched off, or in shadow"};
const KINDS = {MedicationStatement: "Medicines", MedicationRequest: "Medicines", Observation: "Results", Condition: "Conditions"};
const INDICATORS = {info: "Info", warning: "Warning", critical: "Critical"};
const SIGNS = {present: "✓ present", absent: "– absent", unknown: "? unknown"};

const at = (id) => document.getElementById(id);
// What is open: the text as it came, its JSON, the answer to it as it came, the answer shown, the edits by path, and the
// rules that were chosen to be explained.
let open = null;
let asked = 0;

function el(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value !== undefined) element.setAttribute(name, value);
  }
  element.append(...children.flat(3).filter((child) => child !== null && child !== undefined && child !== ""));
  return element;
}

const fill = (id, ...children) => at(id).replaceChildren(...children.flat(3).filter(Boolean));
const built = (node) => typeof node === "string" ? node
  : el(TAGS.has(node.tag) ? node.tag : "span", {}, node.children.map(built));

// ---- the service ------------------------------------------------------------------------------------------------

async function answered(path, options) {
  let response;
  try {
    response = await fetch(path, options);
  } catch {
    throw new Error("The service does not answer. Is it still running?");
  }
  if (response.ok) return response;
  const outcome = await response.json().catch(() => ({}));
  throw new Error(outcome.issue?.[0]?.diagnostics || `The service answered with status ${response.status}.`);
}

async function evaluated(text) {
  const day = at("day").value;
  const path = "/evaluate" + (day ? `?asOf=${encodeURIComponent(day)}` : "");
  const options = {method: "POST", headers: {"content-type": "application/json"}, body: text};
  return (await answered(path, options)).json();
}

// Runs one request after another was given up: only the answer to the last question is shown.
async function ask(text, use) {
  const number = ++asked;
  try {
    const result = await evaluated(text);
    if (number !== asked) return;
    fill("failure");
    use(result);
    show();
  } catch (error) {
    if (number === asked) fail(error);
  }
}

function fail(error) {
  for (const id of ["outcome", "changed", "cards", "issues", "known", "why", "rule"]) fill(id);
  fill("failure", el("p", {class: "alert"}, error.message));
  at("pair").hidden = true;
}

// ---- opening a patient ------------------------------------------------------------------------------------------

function openText(text, title, story) {
  open = null;
  fill("values", el("p", {class: "hint"}, "Nothing is open."));
  fill("story", story ? el("details", {}, el("summary", {}, "The story"), story.split("\n\n").map((part) => el("p", {}, part))) : null);
  return ask(text, (result) => {
    open = {text, title, data: JSON.parse(text.replace(/^\ufeff/, "")), base: result, now: result, edits: new Map(), rules: []};
    showValues();
  });
}

async function openSample(sample) {
  try {
    const text = await (await answered(`/samples/${encodeURIComponent(sample.name)}`)).text();
    at("day").value = sample.asOf;
    await openText(text, `Sample: ${sample.title}`, sample.story);
  } catch (error) {
    fail(error);
  }
}

function openOwn(text, title) {
  at("sample").value = "";
  at("day").value = today();
  return openText(text, title, "");
}

const today = () => {
  const now = new Date();
  return [now.getFullYear(), now.getMonth() + 1, now.getDate()].map((part) => String(part).padStart(2, "0")).join("-");
};

// ---- changing a value -------------------------------------------------------------------------------------------

const reached = (value, path) => path.reduce((found, step) => found?.[step], value);

function changedText() {
  if (!open.edits.size) return open.text;
  const data = JSON.parse(JSON.stringify(open.data));
  for (const {path, value, elsewhere} of open.edits.values()) {
    if (value !== null) reached(data, path.slice(0, -1))[path.at(-1)] = value;
    for (const other of elsewhere) delete reached(data, other.slice(0, -1))?.[other.at(-1)];
  }
  const out = [...open.edits.values()].filter((edit) => edit.value === null).map((edit) => edit.path);
  out.sort((one, other) => other.at(-1) - one.at(-1));
  for (const path of out) reached(data, path.slice(0, -1)).splice(path.at(-1), 1);
  return JSON.stringify(data);
}

// What says the same elsewhere in words goes with a number that is changed: it would contradict it.
function edit(path, value, before, elsewhere = []) {
  const key = JSON.stringify(path);
  if (value === before) open.edits.delete(key);
  else open.edits.set(key, {path, value, elsewhere});
  at("back").disabled = !open.edits.size;
  return ask(changedText(), (result) => { open.now = result; });
}

function putBack() {
  open.edits.clear();
  showValues();
  at("values").querySelector("input")?.focus();
  return ask(open.text, (result) => { open.now = result; });
}

function showValues() {
  const groups = new Map();
  for (const line of open.base.values) {
    const kind = KINDS[line.type];
    groups.set(kind, [...(groups.get(kind) || []), line]);
  }
  const lists = [...groups].map(([kind, lines]) => [
    el("h3", {class: "lines-title"}, kind), el("ul", {class: "lines"}, lines.map(lineShown)),
  ]);
  fill("values", lists.length ? [
    el("p", {class: "hint"}, "Type another number, or take a tick away to see what would be said without it. "
      + "The record itself stays as it is."),
    lists, el("button", {type: "button", id: "back", disabled: true, onclick: putBack}, "Put everything back"),
  ] : el("p", {class: "hint"}, "No result, medicine or condition of this record was used."));
}

function lineShown(line, number) {
  const id = `line-${line.type}-${number}`;
  const item = el("li", {class: "line"});
  const tick = el("input", {type: "checkbox", id, checked: true, onchange: () => {
    item.classList.toggle("out", !tick.checked);
    mark(item);
    edit(line.path, tick.checked ? undefined : null, undefined);
  }});
  const about = [line.counts ? "" : "set aside", line.date].filter(Boolean).join(", ");
  const twice = open.base.values.filter((other) => other.label === line.label).length > 1;
  item.append(tick, el("div", {class: "line-head"},
    el("label", {for: id, title: line.source}, twice ? line.named : line.label), el("span", {}, about)));
  if (line.numbers.length) {
    item.append(el("div", {class: "numbers"}, line.numbers.map((entry) => numberShown(entry, line, item))));
  }
  return item;
}

function numberShown(entry, line, item) {
  const was = el("span", {class: "was"});
  const words = [line.label, line.date, entry.label, entry.unit && `in ${entry.unit}`].filter(Boolean).join(", ");
  const input = el("input", {type: "number", class: ["times", "every"].includes(entry.label) ? "short" : "", step: "any", value: entry.value, "aria-label": words, onchange: () => {
    const value = input.value === "" ? entry.value : Number(input.value);
    input.value = value;
    was.textContent = value === entry.value ? "" : `was ${entry.value}`;
    mark(item);
    edit(entry.path, value, entry.value, entry.elsewhere);
  }});
  return el("label", {}, entry.label === "value" ? "" : entry.label, entry.comparator, input, entry.unit, was);
}

const mark = (item) => item.classList.toggle("touched",
  item.classList.contains("out") || [...item.querySelectorAll(".was")].some((was) => was.textContent));

// ---- the answer -------------------------------------------------------------------------------------------------

function show() {
  const result = open.now;
  at("welcome").hidden = true;
  at("pair").hidden = false;
  fill("rulebook", `Rulebook ${result.rulebook.version}, ${result.rulebook.sha256.slice(0, 12)}.`);
  fill("outcome", el("div", {class: `banner ${result.role}`},
    el("p", {class: "word"}, result.outcome), el("p", {class: "meaning"}, result.meaning),
    el("p", {class: "who"}, `${open.title} · ${result.person.reference} · ${result.person.sex}, ${result.person.age} · `
      + `as of ${result.asOf} · decided by ${result.decidedBy}`)));
  fill("changed", changes(open.base, result));
  const before = new Set(open.base.cards.flatMap(rulesOf));
  fill("cards", result.cards.map((card, number) => cardShown(card, result.details[number], before)),
    result.cards.length ? null : el("p", {class: "hint"}, "No card: nothing to say."));
  fill("issues", issues(result.issues));
  fill("known", known(result.known));
  fill("rule", Object.entries(GROUPS).map(([group, title]) => {
    const rules = result.why.filter((rule) => rule.group === group);
    return rules.length ? el("optgroup", {label: title},
      rules.map((rule) => el("option", {value: rule.rule}, `${rule.rule} ${rule.title}`))) : null;
  }));
  showWhy(open.rules.length ? open.rules : [result.why[0].rule]);
}

// A card without a rule of its own is about rules that are switched off or left out.
const rulesOf = (card) => Object.values(card.extension)
  .flatMap((own) => own.folded || own.joined || (own.rule ? [own] : own.switchedOff || own.leftOut)).map((own) => own.rule);

function cardShown(card, detail, before) {
  const rules = rulesOf(card);
  const decides = Object.values(card.extension).some((own) => own.decides);
  const body = el("div", {class: "detail"}, detail.map(built));
  const isOpen = decides || card.indicator !== "info";
  return el("article", {class: `card ${card.indicator}`, "data-rules": rules.join(" ")},
    el("p", {class: "tags"}, el("span", {class: `tag ${card.indicator}`}, INDICATORS[card.indicator]),
      decides ? el("span", {class: "tag decides"}, "Decides") : null,
      rules.some((rule) => !before.has(rule)) ? el("span", {class: "tag new"}, "New") : null),
    el("h3", {}, card.summary),
    el("p", {class: "source"}, card.source.label),
    el("details", {open: isOpen}, el("summary", {}, "Detail"), body),
    card.suggestions ? el("ul", {class: "suggestions", "aria-label": "Suggestions"}, card.suggestions.map(suggestion)) : null,
    card.links ? el("details", {}, el("summary", {}, `Evidence (${card.links.length})`),
      el("ul", {class: "links"}, card.links.map((link) => el("li", {}, linked(link))))) : null,
    el("div", {class: "foot"},
      el("details", {}, el("summary", {}, "Reasons to override"),
        el("ul", {}, card.overrideReasons.map((reason) => el("li", {}, reason.display)))),
      el("button", {type: "button", class: "why", "aria-pressed": "false", "aria-label": `Why: ${card.summary}`,
        onclick: () => choose(rules)}, "Why?")));
}

function suggestion(item) {
  return el("li", {}, el("details", {},
    el("summary", {}, item.label, el("span", {class: "kind"}, ` ${item.actions.map(actionKind).join(", ")}`)),
    item.actions.map((action) => el("pre", {tabindex: "0"}, JSON.stringify(action.resource || action.resourceId, null, 1)))));
}

const actionKind = (action) => `${action.type} ${action.resource?.resourceType || action.resourceId}`;

const linked = (link) => /^https?:\/\//.test(link.url)
  ? el("a", {href: link.url, target: "_blank", rel: "noopener noreferrer"}, link.label) : link.label;

function issues(list) {
  if (!list.length) return el("div", {class: "box"}, el("p", {class: "hint"}, "Data issues: none."));
  return el("div", {class: "box"}, el("details", {open: true}, el("summary", {}, `Data issues: ${list.length}`),
    el("ul", {class: "issues"}, list.map((issue) =>
      el("li", {}, issue.text, " ", el("code", {}, issue.code), " ", el("span", {class: "hint"}, issue.source))))));
}

function known(facts) {
  const rows = facts.map((fact) => el("tr", {}, el("th", {scope: "row"}, fact.term),
    el("td", {}, fact.tooOld ? `${fact.tooOld.text}: too old to be used` : fact.text),
    el("td", {}, (fact.tooOld || fact).date || ""), el("td", {}, fact.note || "")));
  return el("div", {class: "box"}, el("details", {}, el("summary", {}, `Values read or computed: ${facts.length}`),
    el("div", {class: "table-wrap", tabindex: "0"}, el("table", {class: "known"},
      el("thead", {}, el("tr", {}, ["Term", "Value", "Date", "Note"].map((name) => el("th", {scope: "col"}, name)))),
      el("tbody", {}, rows)))));
}

// ---- what changed -----------------------------------------------------------------------------------------------

function changes(before, now) {
  if (!open.edits.size && before.asOf === now.asOf) return null;
  const lines = [...turn(before, now), ...spoken(before.said, now.said)];
  const inside = [...turned(before.findings, now.findings), ...moved(before.known, now.known)];
  return el("div", {class: "box changes"}, el("h3", {}, "What this changes"),
    el("ul", {}, lines.length ? lines : el("li", {}, "The outcome and every card stay the same.")),
    inside.length ? el("details", {}, el("summary", {}, `Values and findings that moved: ${inside.length}`), el("ul", {}, inside)) : null);
}

function turn(before, now) {
  if (before.outcome !== now.outcome) {
    return [el("li", {class: "turn"}, `${before.outcome} → ${now.outcome}`, el("span", {class: "hint"},
      ` (${before.decidedBy} decided, now ${now.decidedBy})`))];
  }
  return before.decidedBy === now.decidedBy ? []
    : [el("li", {}, `Still ${now.outcome}; ${before.decidedBy} decided, now ${now.decidedBy}.`)];
}

function spoken(before, now) {
  const old = new Map(before.map((said) => [said.rule, said]));
  const young = new Map(now.map((said) => [said.rule, said]));
  const line = (kind, word, said) => el("li", {}, el("span", {class: `mark ${kind}`}, word), el("b", {}, said.rule), ` ${said.summary}`);
  const same = (one, other) => JSON.stringify(one) === JSON.stringify(other);
  return [
    ...now.filter((said) => !old.has(said.rule)).map((said) => line("added", "+ now said", said)),
    ...before.filter((said) => !young.has(said.rule)).map((said) => line("removed", "− no longer", said)),
    ...now.filter((said) => old.has(said.rule) && !same(said, old.get(said.rule))).map((said) => line("altered", "≠ differs", said)),
  ];
}

const turned = (before, now) => Object.keys(now).filter((name) => before[name] !== now[name])
  .map((name) => el("li", {}, `${name}: ${before[name]} → ${now[name]}`));

function moved(before, now) {
  const old = new Map(before.map((fact) => [fact.term, fact.text]));
  const names = new Set([...old.keys(), ...now.map((fact) => fact.term)]);
  const young = new Map(now.map((fact) => [fact.term, fact.text]));
  const text = (facts, name) => facts.get(name) || "not known";
  return [...names].filter((name) => text(old, name) !== text(young, name))
    .map((name) => el("li", {}, `${name}: ${text(old, name)} → ${text(young, name)}`));
}

// ---- why --------------------------------------------------------------------------------------------------------

// A rule that was chosen stays chosen while values change: then it says why it no longer speaks.
function choose(rules) {
  open.rules = rules;
  showWhy(rules);
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

function ruleShown(rule) {
  return el("article", {class: "why-rule", "data-rule": rule.rule},
    el("h3", {}, `${rule.rule} ${rule.title}`),
    el("p", {}, el("b", {}, `${rule.verdict[0].toUpperCase()}${rule.verdict.slice(1)}. `), rule.says),
    tree(rule.how, rule.parts),
    rule.votes.map((vote) => [el("p", {class: "how"}, `Decides in the tier “${vote.tier}” if:`), el("ul", {class: "tree"}, grown(vote))]));
}

// What carries the state above it comes first; the rest is there to be opened.
function tree(how, parts) {
  const carrying = parts.filter((part) => part.carries);
  const rest = parts.filter((part) => !part.carries);
  return [el("p", {class: "how"}, how === "all" ? "When all of:" : "When any of:"),
    el("ul", {class: "tree"}, carrying.map(grown), rest.length && carrying.length
      ? el("li", {}, el("details", {}, el("summary", {}, `${rest.length} more: ${words(rest)}`), el("ul", {class: "tree"}, rest.map(grown))))
      : rest.map(grown))];
}

const words = (parts) => [...new Set(parts.map((part) => part.countsAs))].join(", ");

function grown(part) {
  const named = part.sense === "is" ? part.finding : `${part.sense} ${part.finding}`;
  const aside = part.sense === "is" ? "" : ` (${part.finding} is ${part.state})`;
  return el("li", {}, el("span", {class: `state ${part.countsAs}`}, SIGNS[part.countsAs]),
    el("span", {class: "finding", title: part.says}, named), el("span", {class: "hint"}, aside),
    part.how ? tree(part.how, part.parts) : leafShown(part));
}

function leafShown(part) {
  const own = part.thresholds.length ? part.facts.slice(0, 1) : part.facts;
  const limits = part.thresholds.map((limit) => `${limit.word} ${limit.value ? `${limit.value} (${limit.bound})` : limit.bound}`);
  const lines = own.map((fact) => el("li", {}, `${fact.term}: `, el("b", {}, fact.text),
    fact.tooOld ? `; ${fact.tooOld.text} of ${fact.tooOld.date} is too old` : "",
    limits.length ? ` · asked: ${limits.join(" and ")}` : "", about(fact)));
  if (part.sources.length) lines.push(el("li", {}, `on record: ${part.sources.join(", ")}`));
  if (!lines.length && part.sentence && !part.sentence.startsWith(`${part.finding} is`)) lines.push(el("li", {}, part.sentence));
  return lines.length ? el("ul", {class: "facts"}, lines) : null;
}

const about = (fact) => {
  const parts = [fact.date, fact.note, ...(fact.sources || [])].filter(Boolean);
  return parts.length ? ` · ${parts.join(", ")}` : "";
};

// ---- the controls -----------------------------------------------------------------------------------------------

async function start() {
  at("day").value = today();
  at("rule").addEventListener("change", () => choose([at("rule").value]));
  at("read").addEventListener("click", () => openOwn(at("pasted").value, "Pasted bundle"));
  at("file").addEventListener("change", () => openFile(at("file").files[0]));
  at("day").addEventListener("change", () => open && ask(changedText(), (result) => { open.now = result; }));
  for (const kind of ["dragover", "dragleave", "drop"]) document.addEventListener(kind, dragged);
  let samples;
  try {
    samples = await (await answered("/samples")).json();
  } catch (error) {
    fail(error);
    return;
  }
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
}

function dragged(event) {
  event.preventDefault();
  document.body.classList.toggle("dropping", event.type === "dragover");
  if (event.type === "drop") openFile(event.dataTransfer.files[0]);
}

const openFile = async (file) => file && openOwn(await file.text(), `File: ${file.name}`);

start();
