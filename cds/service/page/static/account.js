// What became of the record that was sent: in the words of "cds evaluate", every entry, counted; and the values read.

import {el} from "/page/elements.js";

// More entries than these are counted, and unfolded by who wants to read them: the cards stand below.
const FEW = 8;

export function accountShown(result) {
  const said = result.accountSaid;
  const parts = [
    listed("Not understood", said.notUnderstood.map((entry) => [entry.text, ...codes(entry.why)]), said.notUnderstood.length <= FEW),
    listed("Not read: nothing reads this type, and what it says was not judged", said.notRead.map((entry) =>
      [`${entry.count} ${entry.type}${entry.words ? ` (${entry.words.join("; ")})` : ""}`])),
    listed("Data", result.issues.map((issue) => [`${issue.source}: ${issue.text}`, ...codes([issue.code])])),
    listed("Not shown", said.notShown.map((text) => [text])),
  ].filter(Boolean);
  return el("div", {class: "box account"}, el("p", {class: "sent"}, said.sent),
    parts.length ? parts : el("p", {class: "hint"}, "Data issues: none."),
    said.sources.length ? el("p", {class: "hint"}, `Sources of this answer: ${said.sources.join(", ")}.`) : null);
}

const codes = (list) => list.flatMap((code) => [" ", el("code", {}, code)]);

function listed(title, lines, open = false) {
  return lines.length ? el("details", {open, class: "printed"}, el("summary", {}, `${title}: ${lines.length}`),
    el("ul", {class: "issues"}, lines.map((line) => el("li", {}, line)))) : null;
}

export function knownShown(facts) {
  const rows = facts.map((fact) => el("tr", {}, el("th", {scope: "row"}, fact.term),
    el("td", {}, fact.tooOld ? `${fact.tooOld.text}: too old to be used` : fact.text),
    el("td", {}, [(fact.tooOld || fact).date, fact.note].filter(Boolean).join("; "))));
  return el("div", {class: "box values-read"}, el("details", {}, el("summary", {}, `Values read or computed: ${facts.length}`),
    el("div", {class: "table-wrap", tabindex: "0", role: "region", "aria-label": "Values read or computed"},
      el("table", {class: "known"},
        el("thead", {}, el("tr", {}, ["Term", "Value", "Date and note"].map((name) => el("th", {scope: "col"}, name)))),
        el("tbody", {}, rows)))));
}
