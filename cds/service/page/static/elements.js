// Elements with text. Nothing is ever parsed as HTML: the Content-Security-Policy forbids it.

const TAGS = new Set(["p", "h4", "ul", "ol", "li", "strong", "em", "blockquote", "table", "thead", "tbody", "tr", "th", "td", "br"]);

export const at = (id) => document.getElementById(id);

export function el(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value !== undefined) element.setAttribute(name, value);
  }
  element.append(...children.flat(3).filter((child) => child !== null && child !== undefined && child !== ""));
  return element;
}

export const fill = (id, ...children) => at(id).replaceChildren(...children.flat(3).filter(Boolean));

// The tree of elements that the service makes of a card's Markdown.
export const built = (node) => typeof node === "string" ? node
  : el(TAGS.has(node.tag) ? node.tag : "span", {}, node.children.map(built));

export const today = () => {
  const now = new Date();
  return [now.getFullYear(), now.getMonth() + 1, now.getDate()].map((part) => String(part).padStart(2, "0")).join("-");
};
