// Practising questions: picks those that are due, shows one at a time, and remembers in this browser when each comes back.
// Cards come from files beside this one: canonCards([[id, question, answer, note, note's address, anchor], …]).
(function () {
  "use strict";
  var app = document.getElementById("practice-app");
  if (!app || !window.canon) return;
  var here = document.currentScript.src, root = window.canon.root, store = window.canon.store;
  var key = "canon-cards:" + new URL(root).pathname;
  var SESSION = 20, DAY = 864e5;
  var say = function (name, n) { return ((window.canonTexts || {})["practice." + name] || name).replace("{n}", n); };
  var today = function () { return Math.floor((Date.now() - new Date().getTimezoneOffset() * 6e4) / DAY); };
  var decks = Array.from(document.querySelectorAll(".deck")).map(function (e) {
    return { file: e.dataset.file, title: e.querySelector("h2").firstChild.textContent.trim() };
  });
  var kept = store.get("localStorage", key) || {};
  var queue = [], answered = 0, shown = null;
  var arrived = [];
  window.canonCards = function (cards) { arrived = arrived.concat(cards); };

  function make(tag, className, text) {
    var e = document.createElement(tag);
    if (className) e.className = className;
    if (text) e.textContent = text;
    return e;
  }
  function button(text, action, hint) {
    var b = make("button", "btn", text);
    b.type = "button";
    if (hint) b.append(make("kbd", "", hint));
    b.addEventListener("click", action);
    return b;
  }

  /** Markup of a note whose links lead from where the note is. */
  function markup(html, url) {
    var t = document.createElement("template");
    t.innerHTML = html;
    t.content.querySelectorAll("[href], [src]").forEach(function (e) {
      ["href", "src"].forEach(function (name) {
        var value = e.getAttribute(name);
        if (value) e.setAttribute(name, new URL(value, new URL(url, root)).href);
      });
    });
    t.content.querySelectorAll("[id]").forEach(function (e) { e.removeAttribute("id"); });
    return t.content;
  }

  /** Due cards of the chosen decks, those seen before first; reads files until there are enough. */
  function gather(chosen, any) {
    var cards = [], at = 0, lost = 0;
    var next = function () {
      if (cards.length >= SESSION || at >= chosen.length) return cards.length || !lost ? Promise.resolve(cards) : Promise.reject(lost);
      arrived = [];
      var deck = chosen[at++];
      deck.cards = deck.cards || window.canon.load(new URL("cards/" + deck.file + ".js", here).href).then(function () { return arrived; });
      return deck.cards.then(function (all) {
        cards = cards.concat(all.filter(function (c) { return any || !kept[c[0]] || kept[c[0]][0] <= today(); }));
        return next();
      }, function () {
        lost++;
        deck.cards = null;
        return next();
      });
    };
    return next().then(function (all) {
      var due = function (c) { return kept[c[0]] ? kept[c[0]][0] : Infinity; };
      return all.map(function (c, i) { return [c, i]; })
        .sort(function (a, b) { return due(a[0]) - due(b[0]) || a[1] - b[1] || 0; })
        .slice(0, SESSION).map(function (p) { return p[0]; });
    });
  }

  /** Days until the card comes back: forgotten 0; known 1, 3, 7, then twice as long; easy longer. */
  function grade(card, how) {
    var before = kept[card[0]] ? kept[card[0]][1] : 0;
    var days = how === 0 ? 0 : Math.min(365, Math.round((before ? Math.max(before * 2.2, before + 1) : 1) * (how === 2 ? 1.6 : 1) + (how === 2 ? 1 : 0)));
    kept[card[0]] = [today() + days, days];
    store.set("localStorage", key, kept);
    if (how === 0) queue.push(card); else answered++;
    show();
  }

  function menu(message) {
    shown = null;
    var select = make("select", "field");
    select.setAttribute("aria-label", say("all"));
    select.append(new Option(say("all"), ""));
    decks.forEach(function (d, i) { select.append(new Option(d.title, i)); });
    var start = function (any) {
      return function () {
        gather(select.value === "" ? decks : [decks[select.value]], any).then(function (cards) {
          queue = cards;
          answered = 0;
          if (cards.length) show(); else menu(say("nothing"));
        }, function () { menu(say("failed")); });
      };
    };
    var go = button(say("start"), start(false));
    go.classList.add("main");
    var row = make("div", "filters");
    row.append(select, go);
    if (message) row.append(button(say("more"), start(true)));
    app.replaceChildren(row, make("p", "quiet", message || say("kept")));
    if (message) go.focus();
  }

  function show() {
    if (!queue.length) return menu(say("done", answered));
    var card = queue.shift();
    shown = card;
    var box = make("article", "drill"), question = make("div", "q"), answer = make("div", "a");
    var from = make("p", "quiet", say("from") + " "), link = make("a", "", card[3]);
    link.href = new URL(card[4] + (card[5] ? "#" + card[5] : ""), root).href;
    from.append(link, make("span", "left", say("left", queue.length + 1)));
    question.append(markup(card[1], card[4]));
    answer.append(markup(card[2], card[4]));
    answer.hidden = true;
    var grades = make("div", "row");
    ["again", "good", "easy"].forEach(function (name, i) { grades.append(button(say(name), function () { grade(card, i); }, String(i + 1))); });
    grades.hidden = true;
    var reveal = button(say("show"), function () {
      answer.hidden = grades.hidden = false;
      reveal.hidden = true;
      grades.children[1].focus();
    });
    reveal.classList.add("main");
    box.append(question, answer, reveal, grades, from);
    app.replaceChildren(box, make("p", "quiet", say("keys")));
    reveal.focus();
  }

  document.addEventListener("keydown", function (event) {
    if (!shown || event.ctrlKey || event.metaKey || event.altKey || /^(INPUT|SELECT)$/.test(event.target.tagName)) return;
    var i = ["1", "2", "3"].indexOf(event.key), grades = app.querySelector(".row");
    if (i >= 0 && grades && !grades.hidden) grades.children[i].click();
  });
  menu("");
})();
