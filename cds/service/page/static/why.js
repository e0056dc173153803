// Why a rule speaks or not, as a tree of findings.

import {el} from "/page/elements.js";

export const GROUPS = {says: "Speaks", asks: "Asks for data", silenced: "Silenced by another rule", silent: "Did not fire",
  off: "Switched off, or in shadow"};
const SIGNS = {present: "✓ present", absent: "– absent", unknown: "? unknown"};

export function ruleShown(rule) {
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
