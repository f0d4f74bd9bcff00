// Elements are made and compared here. Text becomes text and never markup.

/** An element with these attributes and children. What is false, null or "" is left out. */
export function h(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value !== false && value !== null && value !== undefined) {
      element.setAttribute(key, value === true ? "" : value);
    }
  }
  element.append(...children.filter((c) => c !== "" && c !== null && c !== undefined && c !== false));
  return element;
}

const key = (node) => node?.dataset?.key;
const same = (a, b) => a.nodeName === b.nodeName && key(a) === key(b);

/**
 * Makes `live` look like `fresh`, and keeps what is there already: the focus, what was typed, what
 * is open. What stands in a node with `data-keep` is left alone, if there is nothing fresh for it.
 */
export function patch(live, fresh) {
  for (const { name, value } of fresh.attributes) {
    if (live.getAttribute(name) !== value) live.setAttribute(name, value);
  }
  if (live.dataset.keep !== undefined && !fresh.hasChildNodes()) return;
  const all = [...fresh.childNodes];
  all.forEach((wanted, position) => {
    let there = live.childNodes[position];
    if (there && !same(there, wanted)) {
      const later = [...live.childNodes].slice(position).find((node) => key(wanted) && same(node, wanted));
      if (later) there.before(later);
      there = later;
      if (!there) return live.insertBefore(wanted, live.childNodes[position]);
    }
    if (!there) live.append(wanted);
    else if (there.nodeType === Node.TEXT_NODE) there.data !== wanted.data && (there.data = wanted.data);
    else patch(there, wanted);
  });
  while (live.childNodes.length > all.length) live.lastChild.remove();
}
