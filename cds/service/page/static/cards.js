// The cards of an answer, as an electronic health record shows them, each with its way to the reasons.

import {built, el} from "/page/elements.js";

export const INDICATORS = {info: "Info", warning: "Warning", critical: "Critical"};

// A card without a rule of its own is about rules that are switched off or left out.
export const rulesOf = (card) => Object.values(card.extension)
  .flatMap((own) => own.folded || own.joined || (own.rule ? [own] : own.switchedOff || own.leftOut)).map((own) => own.rule);

export function cardShown(card, detail, before, choose) {
  const rules = rulesOf(card);
  const decides = Object.values(card.extension).some((own) => own.decides);
  return el("article", {class: `card ${card.indicator}`, "data-rules": rules.join(" ")},
    el("p", {class: "tags"}, el("span", {class: `tag ${card.indicator}`}, INDICATORS[card.indicator]),
      decides ? el("span", {class: "tag decides"}, "Decides") : null,
      rules.some((rule) => !before.has(rule)) ? el("span", {class: "tag new"}, "New") : null),
    el("h3", {}, card.summary),
    el("p", {class: "source"}, card.source.label),
    el("details", {open: decides || card.indicator !== "info", class: "printed"}, el("summary", {class: "unprinted"}, "Detail"),
      el("div", {class: "detail"}, detail.map(built))),
    card.suggestions ? el("ul", {class: "suggestions", "aria-label": "Suggestions"}, card.suggestions.map(suggestion)) : null,
    card.links ? el("details", {class: "evidence printed"}, el("summary", {}, `Evidence (${card.links.length})`),
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
