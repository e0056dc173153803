// Printing: the answer without its controls, whose running head names the rulebook, its hash and the day.

import {at, el, fill} from "/page/elements.js";

const SHOWN = {si: "SI units first", conventional: "conventional units first"};

// Browsers that print boxes in the margins take the running head from there; the first page has it whole in any case.
export function printHead(open, units) {
  const {rulebook, asOf} = open.now, changed = open.edits.size ? ["VALUES CHANGED BY HAND"] : [];
  const head = [`Rulebook ${rulebook.version} ${rulebook.sha256.slice(0, 12)}`, ...(rulebook.overlay ? [rulebook.overlay] : []),
    `as of ${asOf}`, ...changed];
  document.documentElement.style.setProperty("--running-head", JSON.stringify(head.join(" · ")));
  fill("print-head", el("p", {}, `Rulebook ${rulebook.version}, sha256 ${rulebook.sha256}`,
    rulebook.overlay ? `, overlay ${rulebook.overlay}` : "", `. Evaluated as of ${asOf}. `,
    units ? `Printed with ${SHOWN[units]}.` : "Printed with the units of the rulebook first."));
}

// What is folded on the screen is printed whole where it belongs to the answer, and folded again afterwards.
export function preparePrinting() {
  let unfolded = [];
  addEventListener("beforeprint", () => {
    unfolded = [...document.querySelectorAll("details.printed:not([open])")];
    for (const part of unfolded) part.open = true;
  });
  addEventListener("afterprint", () => {
    for (const part of unfolded) part.open = false;
  });
}
