// The numbers of a record that a person may change, and whether an entry counts at all; the record stays as it is.

import {el} from "/page/elements.js";

const KINDS = {MedicationStatement: "Medicines", MedicationRequest: "Medicines", Observation: "Results", Condition: "Conditions"};

// ---- the record with the changes in it --------------------------------------------------------------------------

const reached = (value, path) => path.reduce((found, step) => found?.[step], value);

export function changedText(open) {
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

// Keeps a change, or forgets it where the value is again what it was.
export function note(open, change, before) {
  const key = JSON.stringify(change.path);
  if (change.value === before) open.edits.delete(key);
  else open.edits.set(key, change);
}

// ---- the list ---------------------------------------------------------------------------------------------------

// "edit" is called with each change, "putBack" when all of them are to be forgotten.
export function valuesShown(open, edit, putBack) {
  const groups = new Map();
  for (const line of open.base.values) {
    const kind = KINDS[line.type];
    groups.set(kind, [...(groups.get(kind) || []), line]);
  }
  const names = open.base.values.map((line) => line.label);
  const twice = (line) => names.indexOf(line.label) !== names.lastIndexOf(line.label);
  const lists = [...groups].map(([kind, lines]) => [el("h3", {class: "lines-title"}, kind),
    el("ul", {class: "lines"}, lines.map((line, number) => lineShown(line, `line-${line.type}-${number}`, twice(line), edit)))]);
  if (!lists.length) return el("p", {class: "hint"}, "No result, medicine or condition of this record was used.");
  return [el("p", {class: "hint"}, "Type another number, or take a tick away to see what would be said without it. "
    + "The record itself stays as it is."), lists,
  el("button", {type: "button", id: "back", disabled: true, onclick: putBack}, "Put everything back")];
}

function lineShown(line, id, twice, edit) {
  const item = el("li", {class: "line"}), named = twice ? line.named : line.label;
  const tick = el("input", {type: "checkbox", id, checked: true, onchange: () => {
    item.classList.toggle("out", !tick.checked);
    out.textContent = tick.checked ? "" : "left out";
    mark(item);
    edit({path: line.path, value: tick.checked ? undefined : null, elsewhere: [], told: `without ${named}`}, undefined, tick);
  }});
  const about = [line.counts ? "" : "set aside", line.date].filter(Boolean).join(", ");
  const out = el("span", {class: "was"});
  item.append(tick, el("div", {class: "line-head"}, el("label", {for: id, title: line.source}, named), el("span", {}, out, " ", about)));
  if (line.numbers.length) {
    item.append(el("div", {class: "numbers"}, line.numbers.map((entry) => numberShown(entry, {...line, named}, item, edit))));
  }
  return item;
}

function numberShown(entry, line, item, edit) {
  const was = el("span", {class: "was"});
  const words = [line.label, line.date, entry.label, entry.unit && `in ${entry.unit}`].filter(Boolean).join(", ");
  const short = ["times", "every"].includes(entry.label) ? "short" : "";
  const input = el("input", {type: "number", class: short, step: "any", value: entry.value, "aria-label": words, onchange: () => {
    const value = input.value === "" ? entry.value : Number(input.value);
    input.value = value;
    was.textContent = value === entry.value ? "" : `was ${entry.value}`;
    mark(item);
    edit({path: entry.path, value, elsewhere: entry.elsewhere, told: told(entry, line, value)}, entry.value, input);
  }});
  return el("label", {}, entry.label === "value" ? "" : entry.label, entry.comparator, input, entry.unit, was);
}

const told = (entry, line, value) => `${[line.named, entry.label === "value" ? "" : entry.label].filter(Boolean).join(" ")} `
  + `${value} ${entry.unit} (was ${entry.value})`.replace("  ", " ");

const mark = (item) => item.classList.toggle("touched",
  item.classList.contains("out") || [...item.querySelectorAll(".was")].some((was) => was.textContent));
