// The audit book: search, and which units stand first. Pages are whole without it; nothing is asked of a network, and
// nothing is ever parsed as HTML. The index is a script beside the pages: a page from a folder may not fetch a file.
"use strict";

const MOST = 30;
const at = (id) => document.getElementById(id);
const plain = (text) => text.normalize("NFD").replace(/[\u0300-\u036f]/g, "").toLowerCase();

function el(tag, attributes, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

// ---- search -----------------------------------------------------------------------------------------------------

// The entries once they are asked for: the row as it came, its name, and each other word, all as they are compared.
let entries = null;
let loading = false;
let active = -1;

function load() {
  if (loading) return;
  loading = true;
  const script = el("script", {src: "search-index.js"});
  script.onload = () => {
    entries = self.bookIndex.map((row) => ({row, name: plain(row[1]), words: row[3].map(plain)}));
    show();
  };
  script.onerror = () => { at("book-status").textContent = "The index of the book (search-index.js) is not there. Use A–Z."; };
  document.head.append(script);
}

// How well an entry fits: 0 not at all; best is the whole name, then a whole code or other name, then a beginning.
function fit(entry, asked, parts) {
  const everywhere = [entry.name, ...entry.words];
  if (!parts.every((part) => everywhere.some((text) => text.includes(part)))) return 0;
  if (entry.name === asked) return 7;
  if (entry.words.includes(asked)) return 6;
  if (entry.name.startsWith(asked)) return 5;
  if (` ${entry.name}`.includes(` ${asked}`)) return 4;
  if (parts.every((part) => entry.name.includes(part))) return 3;
  return entry.words.some((word) => word.includes(asked)) ? 2 : 1;
}

function found(text) {
  const asked = plain(text.trim()), parts = asked.split(/\s+/).filter(Boolean);
  if (!parts.length) return [];
  const scored = entries.map((entry, place) => ({entry, place, score: fit(entry, asked, parts)}));
  return scored.filter((item) => item.score).sort((a, b) => b.score - a.score || a.place - b.place);
}

// The other word by which an entry was found, shortened; nothing where its name says it all.
function reason(entry, text) {
  const parts = plain(text.trim()).split(/\s+/);
  const lacking = parts.find((part) => !entry.name.includes(part));
  const word = lacking === undefined ? "" : entry.row[3][entry.words.findIndex((other) => other.includes(lacking))] ?? "";
  const place = Math.max(0, plain(word).indexOf(lacking) - 30);
  return word.length > 90 ? `${place ? "… " : ""}${word.slice(place, place + 90)} …` : word;
}

function option(item, number, text) {
  const [kind, title] = item.entry.row, why = reason(item.entry, text);
  const line = el("li", {role: "option", id: `book-found-${number}`, "aria-selected": "false"},
    el("span", {class: "kind"}, kind), el("b", {}, title), ...(why ? [el("small", {}, why)] : []));
  line.addEventListener("mousedown", (event) => event.preventDefault());
  line.addEventListener("click", () => go(item.entry.row[2]));
  return line;
}

function show() {
  const input = at("book-search"), list = at("book-found");
  if (!entries) return load();
  const all = found(input.value), asked = input.value.trim() !== "";
  list.replaceChildren(...all.slice(0, MOST).map((item, number) => option(item, number, input.value)));
  list.hidden = !all.length;
  input.setAttribute("aria-expanded", String(all.length > 0));
  at("book-status").textContent = !asked ? "" : !all.length ? "Nothing is called that. Try fewer letters, or A–Z."
    : `${all.length} found${all.length > MOST ? `, the first ${MOST} are shown` : ""}.`;
  choose(asked && all.length ? 0 : -1);
}

function choose(number) {
  const input = at("book-search"), options = at("book-found").children;
  options[active]?.setAttribute("aria-selected", "false");
  active = number;
  options[active]?.setAttribute("aria-selected", "true");
  options[active]?.scrollIntoView({block: "nearest"});
  if (options[active]) input.setAttribute("aria-activedescendant", options[active].id);
  else input.removeAttribute("aria-activedescendant");
}

function close() {
  at("book-found").hidden = true;
  at("book-found").replaceChildren();
  at("book-status").textContent = "";
  at("book-search").setAttribute("aria-expanded", "false");
  at("book-search").removeAttribute("aria-activedescendant");
  active = -1;
}

function go(link) {
  const here = location.pathname.split("/").pop() || "index.html";
  close();
  at("book-search").value = "";
  at("book-search").blur();
  location.href = withUnits(link);
  if (link.split("#")[0] === here) at("main").focus({preventScroll: true});
}

function pressed(event) {
  const step = {ArrowDown: 1, ArrowUp: -1}[event.key], options = at("book-found").children;
  if (step && options.length) choose((active + step + options.length) % options.length);
  else if (event.key === "Enter") options[active]?.click();
  else if (event.key === "Escape") { at("book-search").value = ""; close(); }
  else return;
  event.preventDefault();
}

function readySearch() {
  const input = at("book-search");
  input.addEventListener("focus", load);
  input.addEventListener("input", show);
  input.addEventListener("keydown", pressed);
  input.addEventListener("blur", close);
  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest?.("input, textarea, select, [contenteditable]");
    if (event.key !== "/" || typing || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    input.focus();
    input.select();
  });
}

// ---- units ------------------------------------------------------------------------------------------------------

// Kept by the browser where it keeps something for these pages. From a folder it may not, or for each page by itself:
// there the choice also travels in the links.
const UNITS = ["conventional", "si"];
const FROM_A_FOLDER = location.protocol === "file:";
let units = "";

function kept() {
  const named = new URLSearchParams(location.search).get("units");
  if (UNITS.includes(named)) return named;
  try {
    return localStorage.getItem("units-first") ?? "";
  } catch {
    return "";
  }
}

function keep() {
  try {
    localStorage.setItem("units-first", units);
    if (FROM_A_FOLDER) history.replaceState(null, "", `${location.pathname}?units=${units}${location.hash}`);
  } catch { /* then the links alone carry it */ }
}

const withUnits = (link) => units && FROM_A_FOLDER ? link.replace(/(\?[^#]*)?(#|$)/, `?units=${units}$2`) : link;

function carryUnits(event) {
  const link = event.target.closest?.("a[href]"), target = link?.getAttribute("href");
  if (target && !/^(#|[a-z]+:)/.test(target)) link.setAttribute("href", withUnits(target));
}

// Each pair stands in the page in one order, and holds the other one beside it.
function putFirst(chosen) {
  units = chosen;
  document.documentElement.dataset.units = units;
  for (const pair of document.querySelectorAll(".both")) {
    const swapped = pair.classList.contains("is-swapped");
    if (swapped === (pair.dataset.first !== units)) continue;
    [pair.textContent, pair.dataset.other] = [pair.dataset.other, pair.textContent];
    pair.classList.toggle("is-swapped");
  }
  pressUnits(units);
}

function pressUnits(chosen) {
  for (const button of document.querySelectorAll(".units button")) {
    button.setAttribute("aria-pressed", String(button.dataset.units === chosen));
  }
}

function readyUnits() {
  for (const button of document.querySelectorAll(".units button")) {
    button.addEventListener("click", () => { putFirst(button.dataset.units); keep(); });
  }
  document.addEventListener("click", carryUnits, true);
  if (UNITS.includes(kept())) putFirst(kept());
  else pressUnits(document.querySelector("[data-first]")?.dataset.first ?? "conventional");
}

// ---- what is wide --------------------------------------------------------------------------------------------------

// What is wider than the window is scrolled by the keyboard too: so it can be reached by it.
function reachable(entries) {
  for (const {target} of entries) {
    const scrolls = target.scrollWidth > target.clientWidth + 1;
    const title = target.querySelector("caption, title")?.textContent ?? (target.matches("pre") ? "Text" : "Table");
    const given = {tabindex: "0", role: "group", "aria-label": `${title}, wider than the window`};
    for (const [name, value] of Object.entries(given)) {
      if (scrolls) target.setAttribute(name, value);
      else if (target.getAttribute(name) === value) target.removeAttribute(name);
    }
  }
}

const sizes = new ResizeObserver(reachable);
for (const wide of document.querySelectorAll(".wide, pre:not([tabindex])")) sizes.observe(wide);

readySearch();
readyUnits();
for (const tool of document.querySelectorAll(".tool")) tool.hidden = false;
