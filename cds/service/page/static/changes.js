// What a person changed in a record, and what that changes in the answer.

import {el} from "/page/elements.js";

export function changesShown(open) {
  const {base: before, now, edits} = open;
  if (!edits.size && before.asOf === now.asOf) return null;
  const lines = [...turn(before, now), ...spoken(before.said, now.said)];
  const inside = [...turned(before.findings, now.findings), ...moved(before.known, now.known)];
  return el("div", {class: "box changes"}, el("h3", {}, "What this changes"),
    el("p", {class: "edited"}, edited(before, now, [...edits.values()])),
    el("ul", {}, lines.length ? lines : el("li", {}, "The outcome and every card stay the same.")),
    inside.length ? el("details", {}, el("summary", {}, `Values and findings that moved: ${inside.length}`), el("ul", {}, inside)) : null);
}

// The changes themselves: what is printed or read out says that this is not the record as it came.
function edited(before, now, edits) {
  const day = before.asOf === now.asOf ? [] : [`as of ${now.asOf}, not ${before.asOf}`];
  return `Changed by hand: ${[...edits.map((edit) => edit.told), ...day].join("; ")}.`;
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
