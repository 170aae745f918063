// Puts what is new of a page into the page that is open, so that nothing else of it is lost. Knows no server: it is given
// the new page's text. Only `canon serve` adds this, in front of `reload.js`.
//
// A page's scripts have a say. Before anything is changed, `canon:change` is sent to the document, with `detail.places`, the
// elements whose children will be others, and `detail.apply()`, which makes them so. A script that can go on with the new
// elements takes the event (`preventDefault`), calls `apply` and binds to what has come. Where no script takes it, or the page
// has scripts that nobody vouches for, nothing is changed and the page has to be loaded anew.
window.canonSwap = (() => {
  "use strict";

  const me = document.currentScript;
  // `canon.js` takes the event; `early.js` is done before there is anything to change.
  const vouchedFor = /\/(_canon\/(early|canon)|__canon\/reload)\.js$/;

  /** Notes for a copy and all below it what each node is in the page. */
  const pair = (copy, live, places) => {
    places.set(copy, live);
    for (let a = copy.firstChild, b = live.firstChild; a && b; a = a.nextSibling, b = b.nextSibling) pair(a, b, places);
  };

  /** The head without what only names the page. */
  const plainHead = (head) => {
    const copy = head.cloneNode(true);
    copy.querySelectorAll("title, meta[name=description]").forEach((element) => element.remove());
    return copy;
  };

  // The page as it was served: scripts with `defer` have not run yet. Where this script is not the body's last element,
  // the page is like none that Canon makes.
  const isUsual = me.parentNode === document.body && !me.nextSibling;
  const places = new Map(), head = plainHead(document.head), body = document.body ? document.body.cloneNode(true) : null;
  if (isUsual) {
    pair(body, document.body, places);
    body.lastChild.remove();
  }

  const hasTheSameShell = (a, b) => a.nodeType === Node.ELEMENT_NODE && a.cloneNode(false).isEqualNode(b.cloneNode(false));

  /** Adds to `edits` which children of which nodes have to be others for `old` to become `now`. */
  const compare = (old, now, edits) => {
    const a = [...old.childNodes], b = [...now.childNodes], least = Math.min(a.length, b.length);
    let start = 0, end = 0;
    while (start < least && a[start].isEqualNode(b[start])) start++;
    while (end < least - start && a[a.length - 1 - end].isEqualNode(b[b.length - 1 - end])) end++;
    const gone = a.slice(start, a.length - end), come = b.slice(start, b.length - end);
    if (gone.length === come.length && gone.every((node, i) => node.isEqualNode(come[i]) || hasTheSameShell(node, come[i]))) {
      gone.forEach((node, i) => node.isEqualNode(come[i]) || compare(node, come[i], edits));
    } else {
      edits.push({ parent: old, gone, come, previous: a[start - 1] || null });
    }
  };

  /** Whether the nodes of an edit are still where they were served. */
  const isInPlace = ({ parent, gone, previous }) =>
    [...gone, ...(previous ? [previous] : [])].every((node) => places.get(node)?.parentNode === places.get(parent));

  /** Makes an edit in the page and in its copy. What scripts have added beside it stays. */
  const apply = ({ parent, gone, come, previous }) => {
    const copies = come.map((node) => document.importNode(node, true)), fresh = come.map((node) => document.importNode(node, true));
    const put = (into, after, nodes) => (after ? after.after(...nodes) : into.prepend(...nodes));
    put(places.get(parent), previous && places.get(previous), fresh);
    put(parent, previous, copies);
    copies.forEach((copy, i) => pair(copy, fresh[i], places));
    for (const node of gone) {
      places.get(node).remove();
      node.remove();
      forget(node);
    }
  };

  const forget = (node) => {
    places.delete(node);
    node.childNodes.forEach(forget);
  };

  const canBeChanged = (next, script) => {
    const root = document.documentElement;
    const vouched = [...head.querySelectorAll("script"), ...body.querySelectorAll("script")].every((one) => vouchedFor.test(one.src));
    return vouched && script && script.parentNode === next.body
      && [...next.documentElement.attributes].every(({ name, value }) => root.getAttribute(name) === value)
      && plainHead(next.head).isEqualNode(head);
  };

  /** Takes the new page in; returns what its own script element says of it, or nothing where it cannot be done. */
  return (text) => {
    if (!isUsual) return null;
    const next = new DOMParser().parseFromString(text, "text/html");
    const script = next.querySelector('script[src="/__canon/reload.js"]');
    if (!canBeChanged(next, script)) return null;
    while (script.nextSibling) script.nextSibling.remove();
    script.remove();
    if (!hasTheSameShell(body, next.body)) return null;
    const edits = [];
    if (!body.isEqualNode(next.body)) compare(body, next.body, edits);
    if (!edits.every(isInPlace)) return null;
    const detail = { places: edits.map(({ parent }) => places.get(parent)), apply: () => edits.forEach(apply) };
    const isTaken = !document.dispatchEvent(new CustomEvent("canon:change", { cancelable: true, detail }));
    if (!isTaken) return null;
    document.title = next.title;
    return script.dataset;
  };
})();
