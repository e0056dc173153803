// The address of a view: which sample, day, rule and units. Nothing of a record that a person opened or changed ever
// stands in it, nor in what the browser keeps, which is the choice of units alone.

const NAMES = ["sample", "day", "rule", "units", "rulebook", "changed"];
export const SYSTEMS = ["si", "conventional"];
const LONGEST = 60;

// ---- writing ----------------------------------------------------------------------------------------------------

export const nameOf = (rulebook) => `${rulebook.version}-${rulebook.sha256.slice(0, 12)}`;

// The view as a query. Of a record of a person's own nothing is told, not even the day or the rule.
export function queryOf(open, rule, units) {
  if (!open?.sample) return asQuery({units});
  const {sample, edits, now} = open;
  return asQuery({sample, day: now.asOf, rule, units, rulebook: nameOf(now.rulebook), changed: edits.size ? "yes" : ""});
}

function asQuery(view) {
  const told = new URLSearchParams(Object.entries(view).filter(([, value]) => value)).toString();
  return told && `?${told}`;
}

export function noteOf(open) {
  if (!open.sample) return "The link holds nothing of what you opened: it opens this page.";
  return open.edits.size ? "What you changed is not in the link: it opens the sample as it is."
    : "The link holds the sample, the day, the rule shown and the units.";
}

// ---- reading ----------------------------------------------------------------------------------------------------

// What an address asks for, and a sentence for everything in it that leads nowhere.
export function viewOf(query, samples) {
  const view = {}, wrong = [];
  for (const [name, value] of new URLSearchParams(query)) {
    if (NAMES.includes(name)) view[name] = value;
    else wrong.push(`The link names ${quoted(name)}, which means nothing here.${meant(name, NAMES)}`);
  }
  const names = samples.map((sample) => sample.name);
  if (view.sample && !names.includes(view.sample)) {
    wrong.push(`The link names the sample ${quoted(view.sample)}, which is not here. Choose one from the list.${meant(view.sample, names)}`);
    return {units: system(view.units, wrong), wrong};
  }
  if (!view.sample && (view.day || view.rule)) wrong.push("The link names no sample. Choose one from the list.");
  if (view.day && !isDay(view.day)) {
    wrong.push(`The link names the day ${quoted(view.day)}, which is no date like 2026-11-22. Shown is the day of the sample.`);
    view.day = "";
  }
  return {...view, units: system(view.units, wrong), wrong};
}

function system(units, wrong) {
  if (!units || SYSTEMS.includes(units)) return units || "";
  wrong.push(`The link names the units ${quoted(units)}. There are ${SYSTEMS.join(" and ")}.${meant(units, SYSTEMS)}`);
  return "";
}

// What can only be said once there is an answer: whether the rule is there, and whether the rules are the same.
export function saidOf(view, result) {
  const rules = result.why.map((rule) => rule.rule), said = [];
  if (view.rule && !rules.includes(view.rule)) {
    said.push(`The link names the rule ${quoted(view.rule)}, which is not in this rulebook. Shown is what decides.${meant(view.rule, rules)}`);
  }
  if (view.rulebook && view.rulebook !== nameOf(result.rulebook)) {
    said.push(`The link was made with rulebook ${quoted(view.rulebook)}; here it is ${nameOf(result.rulebook)}. The answer may be another one.`);
  }
  if (view.changed) said.push("Whoever made the link had changed values. They are not in the link: this is the sample as it is.");
  return said;
}

const quoted = (text) => `“${text.length > LONGEST ? `${text.slice(0, LONGEST - 1)}…` : text}”`;

function isDay(text) {
  const day = new Date(`${text}T00:00:00Z`);
  return /^\d{4}-\d\d-\d\d$/.test(text) && !Number.isNaN(day.getTime()) && day.toISOString().startsWith(text);
}

// The known word that has the most pairs of letters in common, if it has half of them.
function meant(word, known) {
  const pairs = (text) => new Set([...text.toLowerCase()].map((letter, place, all) => letter + (all[place + 1] || "")));
  const own = pairs(word.slice(0, LONGEST));
  const near = (other) => [...pairs(other)].filter((pair) => own.has(pair)).length * 2 / (own.size + pairs(other).size);
  const best = known.reduce((one, other) => near(other) > near(one) ? other : one, known[0]);
  return near(best) >= .5 ? ` Is “${best}” meant?` : "";
}

// ---- what stays -------------------------------------------------------------------------------------------------

// A browser that keeps nothing (private windows, a policy) throws: then the choice holds as long as the page is open.
export function keptUnits() {
  try {
    const kept = localStorage.getItem("units");
    return SYSTEMS.includes(kept) ? kept : "";
  } catch {
    return "";
  }
}

export function keepUnits(units) {
  try {
    if (units) localStorage.setItem("units", units);
    else localStorage.removeItem("units");
  } catch {
    // See above.
  }
}
