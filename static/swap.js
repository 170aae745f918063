// Changes the open page into a new version of it, element by element, so that scroll positions, folds and typed text stay.
// Knows no server: `reload.js`, which follows it, passes the new page's text in. Only `canon serve` adds this to a page.
//
// The page's scripts decide. Before a change, the document receives the event `canon:change`, with `detail.places`, the
// elements whose children will change, and `detail.apply()`, which changes them. A script that can work with new elements
// accepts the event (`preventDefault`), calls `apply` and adds its listeners again. If no script accepts the event, or the
// page has scripts other than Canon's own, nothing is changed and the page must be reloaded.

/** @typedef {{ places: Element[], apply: () => void }} PageChange The detail of `canon:change`. */
/**
 * Children of a node that are replaced. All nodes are of the copy.
 * @typedef {object} PageEdit
 * @property {ParentNode & ChildNode} parent
 * @property {ChildNode[]} removed
 * @property {ChildNode[]} added Nodes of the new page.
 * @property {ChildNode | null} previous The node before them; `null` if they are the first.
 */

window.canonSwap = (() => {
  "use strict";

  const script = /** @type {HTMLScriptElement} */ (document.currentScript);
  // `canon.js` accepts the event; `early.js` has run before anything can change.
  const ownScripts = /\/(_canon\/(early|canon|code|footnotes)|__canon\/reload)\.js$/;

  /**
   * The nodes of the page, by the nodes of the copy.
   * @type {Map<Node, Node>}
   */
  const liveNodes = new Map();

  /**
   * The node of the page for a node of the copy.
   * @template {Node} N
   * @param {N} node
   */
  const live = (node) => /** @type {N} */ (liveNodes.get(node));

  /**
   * Records for a copy, and for all nodes below it, which nodes of the page they are copies of.
   * @param {Node} copy
   * @param {Node} original
   */
  function pair(copy, original) {
    liveNodes.set(copy, original);
    for (let a = copy.firstChild, b = original.firstChild; a && b; a = a.nextSibling, b = b.nextSibling) pair(a, b);
  }

  /** @param {Node} copy */
  function forget(copy) {
    liveNodes.delete(copy);
    copy.childNodes.forEach(forget);
  }

  /**
   * A copy of a head without what tells other programs of the text: title, description, structured data.
   * @param {HTMLElement} head
   */
  function commonHead(head) {
    const copy = /** @type {HTMLElement} */ (head.cloneNode(true));
    copy.querySelectorAll("title, meta[property], script[type='application/ld+json']").forEach((element) => element.remove());
    return copy;
  }

  // The page as served: scripts with `defer` have not run yet. Canon puts this script last in the body; on a page where it
  // is elsewhere, nothing is ever changed.
  const isUsual = script.parentNode === document.body && !script.nextSibling;
  const head = commonHead(document.head), body = /** @type {HTMLElement} */ (document.body?.cloneNode(true));
  if (isUsual) {
    pair(body, document.body);
    body.lastChild?.remove();
  }

  /**
   * Whether two nodes are elements with the same name and attributes.
   * @param {Node} a
   * @param {Node} b
   */
  const hasSameTag = (a, b) => a.nodeType === Node.ELEMENT_NODE && a.cloneNode(false).isEqualNode(b.cloneNode(false));

  /**
   * Appends to `edits` what changes `before`, a node of the copy, into `after`. Equal children at both ends stay; in
   * between, elements with equal tags are compared in turn, all else is replaced.
   * @param {Node} before
   * @param {Node} after
   * @param {PageEdit[]} edits
   */
  function compare(before, after, edits) {
    const a = [...before.childNodes], b = [...after.childNodes], shorter = Math.min(a.length, b.length);
    let start = 0, end = 0;
    while (start < shorter && a[start].isEqualNode(b[start])) start++;
    while (end < shorter - start && a[a.length - 1 - end].isEqualNode(b[b.length - 1 - end])) end++;
    const removed = a.slice(start, a.length - end), added = b.slice(start, b.length - end);
    if (removed.length === added.length && removed.every((node, i) => node.isEqualNode(added[i]) || hasSameTag(node, added[i]))) {
      removed.forEach((node, i) => {
        if (!node.isEqualNode(added[i])) compare(node, added[i], edits);
      });
    } else {
      edits.push({ parent: /** @type {HTMLElement} */ (before), removed, added, previous: a[start - 1] || null });
    }
  }

  /**
   * Whether scripts left the nodes of an edit where they were served.
   * @param {PageEdit} edit
   */
  const isUntouched = ({ parent, removed, previous }) =>
    [...removed, ...(previous ? [previous] : [])].every((node) => live(node)?.parentNode === live(parent));

  /**
   * @param {ParentNode} parent
   * @param {ChildNode | null} previous
   * @param {Node[]} nodes
   */
  function insert(parent, previous, nodes) {
    if (previous) previous.after(...nodes);
    else parent.prepend(...nodes);
  }

  /**
   * Makes an edit in the page and in the copy. Elements that scripts added next to it stay.
   * @param {PageEdit} edit
   */
  function apply({ parent, removed, added, previous }) {
    const copies = added.map((node) => document.importNode(node, true)), fresh = added.map((node) => document.importNode(node, true));
    insert(live(parent), previous && live(previous), fresh);
    insert(parent, previous, copies);
    copies.forEach((copy, i) => pair(copy, fresh[i]));
    for (const node of removed) {
      live(node).remove();
      node.remove();
      forget(node);
    }
  }

  /**
   * Whether the new page has only Canon's scripts, and this page's `html` attributes and common head.
   * @param {Document} next
   * @param {HTMLScriptElement} nextScript This script's element in the new page.
   */
  function isCompatible(next, nextScript) {
    const root = document.documentElement;
    const scripts = [...head.querySelectorAll("script"), ...body.querySelectorAll("script")];
    return scripts.every(({ src }) => ownScripts.test(src)) && nextScript.parentNode === next.body
      && [...next.documentElement.attributes].every(({ name, value }) => root.getAttribute(name) === value)
      && commonHead(next.head).isEqualNode(head);
  }

  return (text) => {
    if (!isUsual) return null;
    const next = new DOMParser().parseFromString(text, "text/html");
    /** @type {HTMLScriptElement | null} */
    const nextScript = next.querySelector('script[src="/__canon/reload.js"]');
    if (!nextScript || !isCompatible(next, nextScript)) return null;
    while (nextScript.nextSibling) nextScript.nextSibling.remove();
    nextScript.remove();
    if (!hasSameTag(body, next.body)) return null;
    /** @type {PageEdit[]} */
    const edits = [];
    if (!body.isEqualNode(next.body)) compare(body, next.body, edits);
    if (!edits.every(isUntouched)) return null;
    /** @type {PageChange} */
    const detail = { places: edits.map(({ parent }) => /** @type {HTMLElement} */ (live(parent))), apply: () => edits.forEach(apply) };
    const isAccepted = !document.dispatchEvent(new CustomEvent("canon:change", { cancelable: true, detail }));
    if (!isAccepted) return null;
    document.title = next.title;
    return nextScript.dataset;
  };
})();
