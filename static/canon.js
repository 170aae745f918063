// What a page can do beyond what it says: theme, drawer, tree, contents, checklists, cards, copying, previews, tables.
// Everything it adds is missed by nobody whose browser runs no scripts. It asks no network but for files beside it.
(function () {
  "use strict";
  var root = document.documentElement;
  var me = document.currentScript;
  var texts = me.dataset;
  var base = new URL(root.dataset.root || "./", location.href);
  var loading = {};
  var $ = function (selector, within) { return (within || document).querySelector(selector); };
  var $$ = function (selector, within) { return Array.from((within || document).querySelectorAll(selector)); };

  /** Loads a script beside this one, once. A way to get data that works from a disk, too. */
  function load(name) {
    return loading[name] = loading[name] || new Promise(function (resolve, reject) {
      var script = document.createElement("script");
      script.src = new URL(name, me.src).href;
      script.onload = resolve;
      script.onerror = function () { delete loading[name]; reject(new Error(name)); };
      document.head.append(script);
    });
  }

  function element(tag, className, text) {
    var e = document.createElement(tag);
    if (className) e.className = className;
    if (text) e.textContent = text;
    return e;
  }

  /** Storage that may be forbidden, full, or hold what is no JSON. */
  var store = {
    get: function (area, key) { try { return JSON.parse(window[area].getItem(key)); } catch (_) { return null; } },
    set: function (area, key, value) { try { window[area].setItem(key, JSON.stringify(value)); } catch (_) { /* not kept */ } }
  };

  /** Listens until the page's text is changed; then all that calls this is done anew. */
  var bound = new AbortController();
  function on(target, type, action, options) {
    target.addEventListener(type, action, Object.assign({ signal: bound.signal }, options));
  }
  /** A preview has new text for the page: taken where these parts know how to go on, and no reader's choice is lost. */
  function change(event) {
    var within = event.detail.places.every(function (e) { return e.closest("main, .rail"); });
    if (!within || $("main table.notes, main form")) return;
    event.preventDefault();
    event.detail.apply();
    bound.abort();
    bound = new AbortController();
    $$(".pv").forEach(function (box) { box.remove(); });
    run([contents, checklists, folds, copying]);
  }

  function theme() {
    var button = $(".theme");
    var states = ["auto", "light", "dark"];
    var now = function () { return root.dataset.theme || "auto"; };
    var say = function () {
      $(".vh", button).textContent = button.title = texts.theme + ": " + texts[now()];
    };
    button.addEventListener("click", function () {
      var next = states[(states.indexOf(now()) + 1) % 3];
      try { next === "auto" ? localStorage.removeItem("canon-theme") : localStorage.setItem("canon-theme", next); } catch (_) { /* this page only */ }
      if (next === "auto") delete root.dataset.theme; else root.dataset.theme = next;
      say();
    });
    say();
  }

  function search() {
    var open = function (event) {
      event.preventDefault();
      var ignore = function () { /* its own words then */ };
      load("texts.js").catch(ignore).then(function () { return load("search.js"); }).then(function () { window.canonSearch.open(); }, function () { location.href = $(".search").href; });
    };
    $(".search").addEventListener("click", function (event) {
      if (!(event.metaKey || event.ctrlKey || event.shiftKey)) open(event);
    });
    document.addEventListener("keydown", function (event) {
      var typing = /^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName) || event.target.isContentEditable;
      if ((event.ctrlKey || event.metaKey) && !event.altKey && event.key.toLowerCase() === "k") open(event);
      else if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) open(event);
    });
  }

  function drawer() {
    var side = $(".side"), button = $(".menu");
    var set = function (open) {
      root.classList.toggle("drawer", open);
      $$(".middle, .bar").forEach(function (e) { e.inert = open; });
      (open ? $(".close", side) : button).focus();
    };
    button.addEventListener("click", function (event) { event.preventDefault(); set(true); });
    $(".close", side).addEventListener("click", function (event) { event.preventDefault(); set(false); });
    document.addEventListener("keydown", function (event) {
      if (event.key === "Escape" && root.classList.contains("drawer")) set(false);
    });
    document.addEventListener("pointerdown", function (event) {
      if (root.classList.contains("drawer") && !side.contains(event.target)) set(false);
    });
    matchMedia("(min-width: 800px)").addEventListener("change", function () {
      if (root.classList.contains("drawer")) set(false);
    });
  }

  /** Folders as `tree.js` has them: [[path, title, url, count, [[title, url], …]], …], addresses from the root. */
  var folders = null;
  window.canonTree = function (data) { folders = data; };
  function tree() {
    return folders ? Promise.resolve(folders) : load("tree.js").then(function () { return folders; });
  }
  function noteItem(note) {
    var li = element("li"), a = element("a", "", note[0]);
    a.href = new URL(note[1], base).href;
    li.append(a);
    return li;
  }
  function folderItem(folder) {
    var li = element("li", "folder"), row = element("div", "row"), a = element("a", "", folder[1]);
    li.dataset.path = folder[0];
    a.href = new URL(folder[2], base).href;
    row.append(a, element("span", "n", String(folder[3])));
    li.append(row);
    addCaret(li);
    return li;
  }
  function addCaret(li) {
    var button = element("button", "caret");
    button.type = "button";
    button.setAttribute("aria-label", texts.open + " " + $(".row a", li).textContent);
    var list = li.querySelector(":scope > ul");
    button.setAttribute("aria-expanded", String(!!list));
    button.addEventListener("click", function () { toggle(li, button); });
    $(".row", li).prepend(button);
  }
  function toggle(li, button) {
    var list = li.querySelector(":scope > ul");
    var open = button.getAttribute("aria-expanded") !== "true";
    button.setAttribute("aria-expanded", String(open));
    remember();
    if (list) { list.hidden = !open; return; }
    return tree().then(function (all) {
      if (li.querySelector(":scope > ul")) return;
      var path = li.dataset.path, ul = element("ul");
      all.forEach(function (f) {
        var inside = f[0].startsWith(path + "/") && f[0].indexOf("/", path.length + 1) < 0;
        if (inside && !$('[data-path="' + CSS.escape(f[0]) + '"]')) ul.append(folderItem(f));
        if (f[0] === path) f[4].forEach(function (n) { ul.append(noteItem(n)); });
      });
      li.append(ul);
    });
  }
  function remember() {
    store.set("sessionStorage", "canon-open:" + base.pathname, $$('.caret[aria-expanded="true"]').map(function (b) { return b.closest(".folder").dataset.path; }));
  }
  function sidebar() {
    var side = $(".side"), list = $(".tree", side), top = function (e) { return e.getBoundingClientRect().top; };
    $$(".folder", list).forEach(addCaret);
    var current = $("[aria-current]", list), edge = top(list);
    if (current) {
      list.scrollTop = Math.max(0, top(current) - edge - list.clientHeight / 2.5);
      // No row is half under the filter.
      var first = $$("a", list).filter(function (a) { return top(a) <= edge; }).pop();
      if (first && list.scrollTop) list.scrollTop -= edge - top(first);
    }
    var open = store.get("sessionStorage", "canon-open:" + base.pathname) || [];
    $$(".folder", list).forEach(function (li) {
      var button = $(".caret", li);
      if (open.indexOf(li.dataset.path) >= 0 && button.getAttribute("aria-expanded") === "false") {
        var before = current && top(current);
        toggle(li, button).then(function () { if (current) list.scrollTop += top(current) - before; });
      }
    });
    filterTree(side, list);
  }
  function plain(text) { return text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase(); }
  function filterTree(side, list) {
    var input = $(".filter input", side), found = element("ul", "tree found");
    found.hidden = true;
    list.after(found);
    input.addEventListener("focus", tree);
    input.addEventListener("input", function () {
      var words = plain(input.value).split(/\s+/).filter(Boolean);
      list.hidden = words.length > 0;
      found.hidden = !words.length;
      if (words.length) tree().then(function (all) {
        var rows = [];
        all.some(function (f) {
          f[4].forEach(function (n) {
            var title = plain(n[0]);
            if (rows.length < 80 && words.every(function (w) { return title.includes(w); })) rows.push(noteItem(n));
          });
          return rows.length >= 80;
        });
        found.replaceChildren.apply(found, rows.length ? rows : [element("li", "quiet", texts.none)]);
      });
    });
    input.addEventListener("keydown", function (event) {
      if (event.key === "Escape" && input.value) {
        event.stopPropagation();
        input.value = "";
        input.dispatchEvent(new Event("input"));
      }
    });
  }

  function contents() {
    var box = $(".toc");
    if (!box) return;
    var wide = matchMedia("(min-width: 1200px)"), list = $("ol", box), now = $(".now", box), current = null;
    var links = $$("a", list);
    var spots = links.map(function (a) { return document.getElementById(decodeURIComponent(a.hash.slice(1))); });
    var chosen = -1, settled = 0, place = 0;
    var always = CSS.supports("selector(::details-content)");
    var fit = function () {
      if (!always) box.open = wide.matches;
      $("summary", box).tabIndex = wide.matches ? -1 : 0;
    };
    var mark = function () {
      var line = Math.max(120, innerHeight * 0.3), index = 0;
      for (var i = 1; i < spots.length; i++) if (spots[i] && spots[i].getBoundingClientRect().top <= line) index = i;
      if (scrollY < 8) index = 0;
      // What was just chosen stays marked until the reader scrolls on, though the next heading may be in view, too.
      if (performance.now() < settled) { index = chosen; place = scrollY; }
      else if (chosen >= 0 && Math.abs(scrollY - place) < 30) index = chosen;
      else chosen = -1;
      if (chosen < 0 && index && innerHeight + scrollY >= root.scrollHeight - 4) index = spots.length - 1;
      if (links[index] === current) return;
      if (current) current.removeAttribute("aria-current");
      current = links[index];
      current.setAttribute("aria-current", "true");
      list.style.setProperty("--y", current.offsetTop + "px");
      list.style.setProperty("--h", current.offsetHeight + "px");
      now.textContent = index ? current.textContent : "";
      if (wide.matches) {
        var rail = box.parentElement, y = current.offsetTop + list.offsetTop;
        if (y < rail.scrollTop + 40 || y > rail.scrollTop + rail.clientHeight - 80) rail.scrollTop = y - rail.clientHeight / 2;
      }
    };
    var waiting = false;
    on(window, "scroll", function () {
      if (waiting) return;
      waiting = true;
      requestAnimationFrame(function () { waiting = false; mark(); });
    }, { passive: true });
    on(window, "resize", function () { current && current.removeAttribute("aria-current"); current = null; mark(); });
    on(wide, "change", fit);
    on(list, "click", function (event) {
      var a = event.target.closest("a");
      if (!a) return;
      chosen = links.indexOf(a);
      settled = performance.now() + 900;
      if (!wide.matches) box.open = false;
      mark();
    });
    on(document, "keydown", function (event) {
      if (event.key === "Escape" && box.open && !wide.matches) { box.open = false; $("summary", box).focus(); }
    });
    on(document, "pointerdown", function (event) { if (!wide.matches && !box.contains(event.target)) box.open = false; });
    links.forEach(function (a) { a.removeAttribute("aria-current"); });
    fit();
    mark();
  }

  function checklists() {
    var boxes = $$("[data-check]"), key = "canon-checks:" + base.pathname;
    if (!boxes.length) return;
    var count = function () {
      $$(".done").forEach(function (out) {
        var own = $$("[data-check]", out.closest(".sec")), done = own.filter(function (b) { return b.checked; }).length;
        out.textContent = texts.done.replace("{n}", done) + " " + own.length;
        out.classList.toggle("all", done === own.length);
      });
    };
    var show = function () {
      var kept = store.get("localStorage", key) || {};
      boxes.forEach(function (b) { b.checked = b.dataset.check in kept ? !!kept[b.dataset.check] : b.defaultChecked; });
      count();
    };
    boxes.forEach(function (b) {
      b.disabled = false;
      on(b, "change", function () {
        var kept = store.get("localStorage", key) || {};
        if (b.checked === b.defaultChecked) delete kept[b.dataset.check]; else kept[b.dataset.check] = b.checked ? 1 : 0;
        store.set("localStorage", key, kept);
        count();
      });
    });
    on(window, "storage", function (event) { if (event.key === key) show(); });
    show();
  }

  function folds() {
    $$(".expand").forEach(function (button) {
      var cards = $$(".card", button.closest(".sec"));
      var label = function () {
        var all = cards.every(function (c) { return c.open; });
        button.textContent = all ? texts.collapse : texts.expand;
        return all;
      };
      on(button, "click", function () {
        var open = !label();
        cards.forEach(function (c) { c.open = open; });
        label();
      });
      cards.forEach(function (c) { on(c, "toggle", label); });
    });
    var reveal = function () {
      var target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
      for (var e = target; e; e = e.parentElement) if (e.tagName === "DETAILS" && !e.open && !e.matches(".toc")) e.open = true;
    };
    on(window, "hashchange", reveal);
    reveal();
    var closed = [];
    on(window, "beforeprint", function () {
      closed = $$("main details:not([open])");
      closed.forEach(function (d) { d.open = true; });
    });
    on(window, "afterprint", function () { closed.forEach(function (d) { d.open = false; }); });
  }

  function copying() {
    $$(".code").forEach(function (box) {
      if ($(".copy", box)) return;
      var button = element("button", "copy", texts.copy);
      button.type = "button";
      button.setAttribute("aria-live", "polite");
      button.addEventListener("click", function () {
        var text = $("code", box).textContent;
        var done = function () {
          button.textContent = texts.copied;
          setTimeout(function () { button.textContent = texts.copy; }, 1600);
        };
        var byHand = function () {
          var area = element("textarea");
          area.value = text;
          box.append(area);
          area.select();
          document.execCommand("copy");
          area.remove();
          button.focus();
          done();
        };
        if (navigator.clipboard) navigator.clipboard.writeText(text).then(done, byHand); else byHand();
      });
      box.append(button);
    });
  }

  /** Notes as `previews/N.js` has them: {url: [title, type, type's text, status, level, difficulty, importance, summary]}. */
  var known = {};
  window.canonPreviews = function (notes) { Object.assign(known, notes); };
  function shard(path) {
    var hash = 0x811c9dc5;
    for (var i = 0; i < path.length; i++) hash = Math.imul(hash ^ path.charCodeAt(i), 0x01000193) >>> 0;
    return hash % Number(root.dataset.previews);
  }
  function previews() {
    if (!Number(root.dataset.previews)) return;
    var box = null, link = null, timer = 0;
    var close = function () {
      clearTimeout(timer);
      if (box) { box.remove(); link.removeAttribute("aria-describedby"); }
      box = null;
    };
    var later = function (action) { clearTimeout(timer); timer = setTimeout(action, 150); };
    var pathOf = function (a) {
      var inside = a.href.startsWith(base.href) && a.href.split("#")[0] !== location.href.split("#")[0];
      return inside ? a.href.slice(base.href.length).split(/[?#]/)[0] : "";
    };
    var open = function (a) {
      var path = pathOf(a);
      load("previews/" + shard(path) + ".js").then(function () {
        if (known[path] && link === a && a.isConnected) show(a, known[path]);
      }, function () { /* no preview then */ });
    };
    var show = function (a, n) {
      close();
      box = element("div", "pv");
      box.id = "c:pv";
      box.setAttribute("role", "tooltip");
      var facts = element("p", "facts");
      if (n[2]) facts.append(element("span", "type t-" + n[1], n[2]));
      if (n[3]) facts.append(element("span", "", n[3]));
      if (n[5]) {
        var level = element("span", "", "");
        level.append(element("span", "dots d" + n[4]), " " + n[5]);
        facts.append(level);
      }
      if (n[6] !== null && n[6] !== "") facts.append(element("span", "imp-n", String(n[6])));
      box.append(element("b", "", n[0]), facts);
      if (n[7]) box.append(element("p", "", n[7]));
      $("main").append(box);
      var at = a.getClientRects()[0], own = box.getBoundingClientRect(), gap = 8;
      var left = Math.min(Math.max(16, at.left), root.clientWidth - own.width - 16);
      var top = at.bottom + gap + own.height < innerHeight ? at.bottom + gap : Math.max(8, at.top - gap - own.height);
      box.style.left = left + scrollX + "px";
      box.style.top = top + scrollY + "px";
      a.setAttribute("aria-describedby", box.id);
    };
    var linkOf = function (event) {
      var a = event.target.closest && event.target.closest("main a[href], .lg a[href]");
      return a && a.href && typeof a.href === "string" && !a.matches(".here") && pathOf(a) ? a : null;
    };
    document.addEventListener("pointerover", function (event) {
      if (event.pointerType !== "mouse") return;
      var a = linkOf(event);
      if (a) { if (a !== link || !box) { link = a; later(function () { open(a); }); } else clearTimeout(timer); }
      else if (box && box.contains(event.target)) clearTimeout(timer);
      else if (box || link) { later(function () { close(); link = null; }); }
    });
    document.addEventListener("focusin", function (event) {
      var a = linkOf(event);
      if (a && a.matches(":focus-visible")) { link = a; later(function () { open(a); }); }
    });
    document.addEventListener("focusout", function () { if (link) later(function () { close(); link = null; }); });
    document.addEventListener("keydown", function (event) { if (event.key === "Escape") { close(); link = null; } });
  }

  function tables() {
    var form = $(".filters"), rows = [];
    $$("table.notes").forEach(function (table) {
      $$("tbody tr", table).forEach(function (tr) { rows.push(read(tr)); });
    });
    if (!rows.length) return;
    var sort = { key: "", up: true };
    var heads = $$("table.notes thead th");
    heads.forEach(function (th) {
      var button = element("button", "", th.textContent);
      button.type = "button";
      if (th.title) { button.title = th.title; th.removeAttribute("title"); }
      button.addEventListener("click", function () {
        var key = th.dataset.k, first = key === "title" || key === "type" || key === "difficulty" || key === "status";
        sort = { key: key, up: sort.key === key ? !sort.up : first };
        apply(true);
      });
      th.replaceChildren(button);
    });
    var fields = form ? $$("[data-f]", form) : [];
    fields.forEach(function (field) {
      if (field.tagName === "SELECT") rank(rows, field.dataset.f, fillOptions(field, rows));
      field.addEventListener("input", function () { apply(true); });
    });
    var apply = function (write) {
      var want = {};
      fields.forEach(function (f) { if (f.value) want[f.dataset.f] = f.value; });
      var words = plain(want.q || "").split(/\s+/).filter(Boolean), shown = 0;
      rows.forEach(function (r) {
        var fits = ["type", "difficulty", "status"].every(function (k) { return !want[k] || r[k] === want[k]; }) &&
          words.every(function (w) { return r.text.includes(w); });
        r.tr.hidden = !fits;
        if (fits) shown++;
      });
      $$(".group").forEach(function (g) { g.hidden = !$("tbody tr:not([hidden])", g); });
      if (form) $("output", form).textContent = Object.keys(want).length ? texts.shown.replace("{n}", shown) : "";
      order(rows, heads, sort);
      if (write) keep(want, sort);
    };
    var fromHash = function () {
      if (!location.hash.includes("=")) return;
      var kept = new URLSearchParams(location.hash.slice(1)), by = kept.get("sort") || "";
      fields.forEach(function (f) { f.value = kept.get(f.dataset.f) || ""; });
      sort = { key: by.replace("-", ""), up: by[0] !== "-" };
      apply(false);
    };
    addEventListener("hashchange", fromHash);
    fromHash();
  }
  function read(tr) {
    var cell = function (i) { return tr.cells[i]; };
    var value = function (i) { var e = $("[data-v]", cell(i)); return e ? e.dataset.v : ""; };
    var time = $("time", cell(5));
    return {
      tr: tr, title: plain($("a", cell(0)).textContent), text: plain(cell(0).textContent), type: value(1), difficulty: value(3), status: value(4),
      importance: cell(2).textContent.trim() === "" ? -1 : Number(cell(2).textContent), ranks: {},
      updated: time ? time.dateTime : "", in: Number(cell(6).textContent), out: Number(cell(7).textContent),
      names: { type: cell(1).textContent.trim(), difficulty: cell(3).textContent.trim(), status: cell(4).textContent.trim() }
    };
  }
  /** Leaves the options that rows have a value for, in the schema's order, in which the page has them; values that the
   * schema does not name follow by the alphabet. Returns the values in that order. */
  function fillOptions(select, rows) {
    var key = select.dataset.f, seen = Object.create(null);
    rows.forEach(function (r) { if (r[key]) seen[r[key]] = r.names[key]; });
    Array.from(select.options).forEach(function (o) { if (o.value && !(o.value in seen)) o.remove(); });
    var known = Array.from(select.options, function (o) { return o.value; });
    var others = Object.keys(seen).filter(function (v) { return !known.includes(v); });
    others.sort(function (a, b) { return seen[a].localeCompare(seen[b]); });
    others.forEach(function (v) { select.append(new Option(seen[v], v)); });
    select.hidden = select.options.length < 3;
    return known.concat(others).slice(1);
  }
  /** Notes each row's place among the values of a field; rows without one come last. */
  function rank(rows, key, values) {
    rows.forEach(function (r) { r.ranks[key] = r[key] ? values.indexOf(r[key]) : values.length; });
  }
  function order(rows, heads, sort) {
    heads.forEach(function (th) {
      if (th.dataset.k === sort.key) th.setAttribute("aria-sort", sort.up ? "ascending" : "descending"); else th.removeAttribute("aria-sort");
    });
    var key = sort.key, sign = sort.up ? 1 : -1;
    if (!key) return;
    var value = function (r) { return key in r.ranks ? r.ranks[key] : r[key]; };
    rows.map(function (r, i) { return [r, i]; }).sort(function (a, b) {
      var x = value(a[0]), y = value(b[0]);
      return (typeof x === "number" ? x - y : x.localeCompare(y)) * sign || a[1] - b[1];
    }).forEach(function (pair) { pair[0].tr.parentElement.append(pair[0].tr); });
  }
  function keep(want, sort) {
    var kept = new URLSearchParams(want);
    if (sort.key) kept.set("sort", (sort.up ? "" : "-") + sort.key);
    var hash = kept.toString();
    try { history.replaceState(null, "", hash ? "#" + hash : location.href.split("#")[0]); } catch (_) { /* not kept in the address */ }
  }

  window.canon = { root: base.href, load: load, texts: texts, plain: plain, store: store };
  function run(parts) {
    parts.forEach(function (part) {
      try { part(); } catch (error) { console.error(error); }
    });
  }
  run([theme, search, drawer, sidebar, contents, checklists, folds, copying, previews, tables]);
  document.addEventListener("canon:change", change);
})();
