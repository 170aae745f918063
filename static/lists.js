// Filters and sorting of lists of notes. A list on one page is filtered in the page. For a list on several pages, this loads
// the columns of all notes from the files of the search index when a reader filters or sorts, and shows the result in pages
// of its own. Loaded by `canon.js` on pages with filters.

/**
 * A note as a row of a list. Texts for comparing are as `fold` returns them; `importance` is -1 if the note has none.
 * @typedef {object} ListRow
 * @property {string} name The title as shown.
 * @property {string} title
 * @property {string} text What the reader's words are looked up in: title and summary, or title and other names.
 * @property {string} type
 * @property {string} difficulty
 * @property {string} status
 * @property {number} importance
 * @property {string} updated ISO date; empty if the note has none.
 * @property {number} in Links from other notes.
 * @property {number} out Links to other notes.
 * @property {Record<string, number>} ranks By column: the place of the row's value in the declared order of the schema.
 * @property {Record<string, string>} names By column: the value as shown.
 * @property {string} url The address below the site's root; empty for a row of the page.
 * @property {HTMLTableRowElement} [element] The row on the page.
 * @property {number} [number] The number of the note in the search index.
 */
/** @typedef {{ key: string, isUp: boolean }} ListOrder */
/** @typedef {{ wanted: Record<string, string>, order: ListOrder, page: number }} ListQuery */
/** @typedef {"type" | "difficulty" | "status"} ValueColumn */

(() => {
  "use strict";
  const here = /** @type {HTMLScriptElement} */ (document.currentScript).src, root = document.documentElement.dataset.root || "";
  /** @type {HTMLElement | null} */
  const form = document.querySelector(".filters");
  if (!form) return;
  /** The words of the interface. */
  const texts = /** @type {Record<string, string>} */ (form.dataset);
  // Rows of a page of the result, pages around the current one that the pager has links to, notes in a file of columns.
  const PAGE_ROWS = 100, PAGER_REACH = 3, NOTES_PER_FILE = 4096;
  /** The columns that a reader can filter by. */
  const VALUE_COLUMNS = /** @type {const} */ (["type", "difficulty", "status"]);

  /**
   * @template {HTMLElement} [E=HTMLElement]
   * @param {string} selector
   * @param {ParentNode} [within]
   * @returns {E[]}
   */
  const findAll = (selector, within = document) => [.../** @type {NodeListOf<E>} */ (within.querySelectorAll(selector))];

  /**
   * @template {keyof HTMLElementTagNameMap} T
   * @param {T} tag
   * @param {string} [className]
   * @param {string} [text]
   */
  function make(tag, className, text) {
    const made = document.createElement(tag);
    if (className) made.className = className;
    if (text) made.textContent = text;
    return made;
  }

  /**
   * Text for comparing: lower case, without accents.
   * @param {string | null | undefined} text
   */
  const fold = (text) => (text || "").normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

  /**
   * A text of the interface with numbers filled in.
   * @param {string} text
   * @param {Record<string, number>} values
   */
  const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name].toLocaleString(document.documentElement.lang));

  const { compare: compareText } = new Intl.Collator(document.documentElement.lang);

  /** @type {(HTMLInputElement | HTMLSelectElement)[]} */
  const fields = findAll("[data-filter]", form);
  const output = /** @type {HTMLElement} */ (form.querySelector("output"));
  /** @param {HTMLElement} field */
  const nameOf = (field) => /** @type {string} */ (field.dataset.filter);
  const isSplit = Boolean(form.dataset.total);

  // --- The rows of the page

  /**
   * @param {HTMLTableRowElement} element
   * @returns {ListRow}
   */
  function readRow(element) {
    // A table has no column for a fact that no note has.
    /** @param {string} name */
    const cell = (name) => element.querySelector(".cell-" + name);
    const [type, importance, difficulty, status, updated] = ["type", "importance", "difficulty", "status", "updated"].map(cell);
    const title = element.cells[0], name = title.querySelector("a")?.textContent || "";
    const [linksIn, linksOut] = element.querySelectorAll(".cell-links");
    /** @param {Element | null} cell */
    const value = (cell) => /** @type {HTMLElement | null | undefined} */ (cell?.querySelector("[data-value]"))?.dataset.value || "";
    /** @param {Element | null | undefined} cell */
    const text = (cell) => (cell?.textContent || "").trim();
    return {
      element, name, title: fold(name), text: fold(title.textContent), type: value(type), difficulty: value(difficulty), status: value(status),
      importance: Number(text(importance) || -1), ranks: {},
      updated: updated?.querySelector("time")?.dateTime || "", in: Number(text(linksIn)), out: Number(text(linksOut)), url: "",
      names: { type: text(type), difficulty: text(difficulty), status: text(status) },
    };
  }

  /**
   * Leaves the options of a select that rows have a value for, in the order of the page, which is the schema's. Values that
   * the schema does not name follow by the alphabet. Hides the select if there is only one value.
   * @param {HTMLSelectElement} select
   * @param {ValueColumn} column
   * @param {ListRow[]} rows
   */
  function fillOptions(select, column, rows) {
    /** @type {Map<string, string>} */
    const shown = new Map();
    rows.forEach((row) => row[column] && shown.set(row[column], row.names[column]));
    const chosen = select.value;
    [...select.options].forEach((option) => option.value && option.value !== chosen && !shown.has(option.value) && option.remove());
    const known = [...select.options].map((option) => option.value);
    const others = [...shown].filter(([value]) => !known.includes(value)).sort(([, a], [, b]) => compareText(a, b));
    others.forEach(([value, name]) => select.append(new Option(name, value)));
    select.hidden = select.options.length < 3;
  }

  /** Adjusts the selects to the rows, and gives each row the place of its values; rows without one come last. @param {ListRow[]} rows */
  function prepare(rows) {
    fields.forEach((field) => {
      if (!(field instanceof HTMLSelectElement)) return;
      const column = /** @type {ValueColumn} */ (nameOf(field));
      fillOptions(field, column, rows);
      const places = new Map([...field.options].map(({ value }, place) => [value, place]));
      rows.forEach((row) => { row.ranks[column] = row[column] ? places.get(row[column]) ?? places.size : places.size; });
    });
    return rows;
  }

  // --- What the reader asks for

  let order = /** @type {ListOrder} */ ({ key: "", isUp: true }), pageNumber = 1;

  const wantedValues = () => /** @type {Record<string, string>} */ (Object.fromEntries(fields.filter((field) => field.value.trim()).map((field) => [nameOf(field), field.value])));

  /**
   * @param {ListRow[]} rows
   * @param {Record<string, string>} wanted
   */
  function matching(rows, wanted) {
    const words = fold(wanted.q).split(/\s+/).filter(Boolean);
    return rows.filter((row) => VALUE_COLUMNS.every((key) => !wanted[key] || row[key] === wanted[key]) && words.every((word) => row.text.includes(word)));
  }

  /**
   * @param {ListRow[]} rows
   * @param {ListOrder} order
   */
  function sorted(rows, { key, isUp }) {
    if (!key) return rows;
    const sign = isUp ? 1 : -1;
    /** @param {ListRow} row */
    const valueOf = (row) => row.ranks[key] ?? row[/** @type {"title"} */ (key)];
    /** @type {(a: any, b: any) => number} Compares two values of the column: numbers or texts. */
    const compare = (a, b) => typeof a === "number" ? a - b : compareText(a, b);
    return [...rows].sort((a, b) => compare(valueOf(a), valueOf(b)) * sign);
  }

  /** Makes the heads of a table sort. @param {ParentNode} table */
  function addButtons(table) {
    findAll("thead th", table).forEach((head) => {
      const button = make("button", "", head.textContent || ""), key = head.dataset.column || "";
      button.type = "button";
      if (head.title) {
        button.title = head.title;
        head.removeAttribute("title");
      }
      button.addEventListener("click", () => {
        order = { key, isUp: order.key === key ? !order.isUp : ["title", "type", "difficulty", "status"].includes(key) };
        pageNumber = 1;
        apply(true, key);
      });
      head.replaceChildren(button);
    });
  }

  function markHeads() {
    findAll("table.notes thead th").forEach((head) => {
      if (head.dataset.column === order.key) head.setAttribute("aria-sort", order.isUp ? "ascending" : "descending");
      else head.removeAttribute("aria-sort");
    });
  }

  /**
   * Writes filters, order and page into the address, so that it can be shared.
   * @param {Record<string, string>} wanted
   */
  function keepInAddress(wanted) {
    const hash = addressOf(wanted, pageNumber);
    try {
      history.replaceState(null, "", hash || location.href.split("#")[0]);
    } catch {
      // Some browsers forbid it for pages from disk.
    }
  }

  /**
   * @param {Record<string, string>} wanted
   * @param {number} page
   */
  function addressOf(wanted, page) {
    const kept = new URLSearchParams(wanted);
    if (order.key) kept.set("sort", (order.isUp ? "" : "-") + order.key);
    if (page > 1) kept.set("page", String(page));
    const hash = kept.toString();
    return hash && "#" + hash;
  }

  function readAddress() {
    // The address of the page without filters is left to the browser: a heading may have any other name.
    if (!location.hash.includes("=")) return;
    const kept = new URLSearchParams(location.hash.slice(1)), by = kept.get("sort") || "";
    fields.forEach((field) => {
      const value = kept.get(nameOf(field)) || "";
      // A list on several pages learns of values that the schema does not name when its columns are loaded.
      if (value && field instanceof HTMLSelectElement && ![...field.options].some((option) => option.value === value)) field.append(new Option(value, value));
      field.value = value;
    });
    order = { key: by.replace("-", ""), isUp: by[0] !== "-" };
    pageNumber = Math.max(1, Number(kept.get("page")) || 1);
    apply(false);
  }

  /**
   * @param {boolean} isNew Whether the address must change, too.
   * @param {string} [focus] The column whose head was pressed.
   */
  function apply(isNew, focus) {
    const wanted = wantedValues();
    if (isNew) keepInAddress(wanted);
    if (isSplit) showWhole({ wanted, order, page: pageNumber }, focus);
    else showInPage(wanted);
  }

  /** @type {ListRow[] | null} */
  let pageRows = null;
  const rowsOfPage = () => pageRows ??= prepare(findAll("table.notes tbody tr").map((row) => readRow(/** @type {HTMLTableRowElement} */ (row))));

  /**
   * Hides and orders the rows of the page.
   * @param {Record<string, string>} wanted
   */
  function showInPage(wanted) {
    const rows = rowsOfPage(), fitting = new Set(matching(rows, wanted));
    rows.forEach((row) => { /** @type {HTMLElement} */ (row.element).hidden = !fitting.has(row); });
    findAll(".group").forEach((group) => { group.hidden = !group.querySelector("tbody tr:not([hidden])"); });
    const isFiltered = Object.keys(wanted).length > 0;
    output.textContent = isFiltered ? fill(texts.shown, { n: fitting.size, total: rows.length }) : "";
    sorted(rows, order).forEach(({ element }) => element?.parentElement?.append(element));
    markHeads();
  }

  // --- The whole list, from the files of the search index

  /** @type {Promise<{ rows: ListRow[], engine: SearchEngine } | null> | null} */
  let loading = null;

  /** All rows of the list in its order; `null` if the files could not be loaded. The next call tries again then. */
  function wholeList() {
    return loading ??= loadList().then((list) => {
      if (!list) loading = null;
      return list;
    });
  }

  async function loadList() {
    const canonSearch = window.canonSearch ||= /** @type {CanonSearch} */ ({});
    if (!canonSearch.engine) await new Promise((done) => {
      const script = make("script");
      script.onload = script.onerror = done;
      script.src = new URL("search-engine.js", here).href;
      document.head.append(script);
    });
    const engine = canonSearch.engine, catalog = await engine?.start(root);
    if (!engine || !catalog) return null;
    const files = await Promise.all(Array.from({ length: Math.ceil(catalog.total / NOTES_PER_FILE) }, (_, i) => engine.load("l" + i)));
    if (!files.every(Boolean)) return null;
    return { rows: inOrder(prepare(readColumns(engine, catalog, files))), engine };
  }

  /**
   * The rows of the notes that the list has.
   * @param {SearchEngine} engine
   * @param {SearchCatalog} catalog
   * @param {[importance: string, dates: string, updated: string, linksIn: string, linksOut: string][]} files
   */
  function readColumns(engine, catalog, files) {
    const { numbers, frontCoded } = engine.formats, isListed = ownNotes(catalog);
    /** @type {ListRow[]} */
    const rows = [];
    files.forEach((file, part) => {
      const [importance, updated, linksIn, linksOut] = [file[0], file[2], file[3], file[4]].map((column) => numbers(column)), dates = frontCoded(file[1]);
      for (let i = 0; i < importance.length; i++) {
        const number = part * NOTES_PER_FILE + i;
        // Number 0 is a page, which is in no list of notes.
        if (!importance[i] || !isListed(number)) continue;
        const date = updated[i] ? dates[updated[i] - 1] : "", { title, aliases, url, facts: [type, status, difficulty] } = catalog.note(number);
        if (form?.dataset.order === "updated" && !date) continue;
        rows.push({
          number, name: title, title: fold(title), text: fold([title, ...aliases].join(" ")), type, difficulty, status, importance: importance[i] - 2, ranks: {},
          updated: date, in: linksIn[i], out: linksOut[i], url, names: { type: wordOf("type", type), difficulty: wordOf("difficulty", difficulty), status: wordOf("status", status) },
        });
      }
    });
    return rows;
  }

  /**
   * Which notes the list is about: those of a folder, those with a tag, or all.
   * @param {SearchCatalog} catalog
   * @returns {(number: number) => boolean}
   */
  function ownNotes(catalog) {
    const { folder, tags } = texts;
    if (folder !== undefined) return (number) => catalog.note(number).folder === folder;
    if (tags === undefined) return () => true;
    const own = new Set(tags.split("\t").flatMap((tag) => [...catalog.tags.get(tag) || []]));
    return (number) => own.has(number);
  }

  /** @type {Map<string, string>} */
  const words = new Map();

  /**
   * A value as the interface shows it: the text of its option, else the value with a capital and spaces.
   * @param {ValueColumn} column
   * @param {string} value
   */
  function wordOf(column, value) {
    const key = column + " " + value;
    let word = words.get(key);
    if (word === undefined) {
      const option = fields.filter((field) => nameOf(field) === column && field instanceof HTMLSelectElement).flatMap((field) => [.../** @type {HTMLSelectElement} */ (field).options]).find((option) => option.value === value);
      words.set(key, word = !value ? "" : option && option.text !== value ? option.text : value[0].toUpperCase() + value.slice(1).replace(/[-_]/g, " "));
    }
    return word;
  }

  /** The rows as the pages of the list have them: by its own order, then by importance, title, place. @param {ListRow[]} rows */
  function inOrder(rows) {
    const own = form?.dataset.order || "", lower = rows.map((row) => row.name.toLowerCase());
    const all = rows.map((_, i) => i).sort((a, b) => Math.max(rows[b].importance, 0) - Math.max(rows[a].importance, 0) || (lower[a] < lower[b] ? -1 : lower[a] > lower[b] ? 1 : a - b));
    return sorted(all.map((i) => rows[i]), { key: own === "importance" ? "" : own, isUp: own !== "updated" });
  }

  // --- The result

  /** @type {HTMLElement | null} */
  let result = null;
  // Grows with each query: a late answer compares it.
  let turn = 0;

  /** What the page shows of the list while nothing is asked for. */
  const ownParts = () => {
    const parts = [];
    for (let part = form?.nextElementSibling; part; part = part.nextElementSibling) if (part !== result) parts.push(/** @type {HTMLElement} */ (part));
    return parts;
  };

  /**
   * Shows a page of what fits in the whole list, or the page's own rows if nothing is asked for.
   * @param {ListQuery} query
   * @param {string} [focus]
   */
  async function showWhole(query, focus) {
    const now = ++turn, isFiltered = Object.keys(query.wanted).length > 0, isAsked = isFiltered || Boolean(query.order.key) || query.page > 1;
    if (!isAsked) {
      output.textContent = "";
      result?.remove();
      result = null;
      ownParts().forEach((part) => { part.hidden = false; });
      markHeads();
      return;
    }
    const list = await wholeList();
    if (now !== turn) return;
    if (!list) {
      showInPage(query.wanted);
      output.textContent = `${texts.failed} ${output.textContent}`;
      return;
    }
    const found = sorted(matching(list.rows, query.wanted), query.order), pages = Math.max(1, Math.ceil(found.length / PAGE_ROWS)), page = Math.min(query.page, pages);
    output.textContent = isFiltered ? fill(texts.shown, { n: found.length, total: list.rows.length }) : "";
    const shown = make("div", "found-notes");
    const rows = found.slice((page - 1) * PAGE_ROWS, page * PAGE_ROWS);
    shown.append(...pager(query, page, pages, found.length), ...table(rows, list.rows), ...pager(query, page, pages, found.length));
    result?.remove();
    result = shown;
    /** @type {HTMLElement} */ (form).after(shown);
    ownParts().forEach((part) => { part.hidden = true; });
    markHeads();
    if (focus) /** @type {HTMLElement | null} */ (shown.querySelector(`[data-column="${focus}"] button`))?.focus();
    addSummaries(shown, rows, list.engine);
  }

  /**
   * The links to the pages of the result.
   * @param {ListQuery} query
   * @param {number} page
   * @param {number} pages
   * @param {number} total
   */
  function pager(query, page, pages, total) {
    if (pages < 2) return [];
    const nav = make("nav", "pager");
    nav.setAttribute("aria-label", texts.pages);
    /**
     * @param {number} number
     * @param {string} text
     */
    const link = (number, text) => {
      const a = make("a", "", text);
      if (number === page) a.setAttribute("aria-current", "page");
      // Without a fragment, the link would load the page again.
      else a.href = addressOf(query.wanted, number) || "#page=1";
      return a;
    };
    nav.append(make("span", "count", `${(page - 1) * PAGE_ROWS + 1}–${Math.min(page * PAGE_ROWS, total)} / ${total}`), " ");
    if (page > 1) nav.append(link(page - 1, texts.previous), " ");
    for (let number = 1, last = 0; number <= pages; number++) {
      if (number > 1 && number < pages && Math.abs(number - page) > PAGER_REACH) continue;
      if (number > last + 1) nav.append(make("span", "", "…"), " ");
      nav.append(link(number, String(number)), " ");
      last = number;
    }
    if (page < pages) nav.append(link(page + 1, texts.next));
    return [nav];
  }

  /**
   * The rows as a table with the columns of the page, without those that no note of the list has a value for; as a list on a
   * page that has one.
   * @param {ListRow[]} rows
   * @param {ListRow[]} all
   */
  function table(rows, all) {
    if (!rows.length) return [make("p", "quiet", texts.none)];
    const own = /** @type {HTMLTableElement | null} */ (document.querySelector("table.notes"));
    if (!own) {
      const list = make("ul", "items");
      list.append(...rows.map(item));
      return [list];
    }
    const made = make("table", "notes"), head = /** @type {HTMLElement} */ (/** @type {HTMLElement} */ (own.tHead).cloneNode(true)), body = make("tbody");
    findAll("th", head).forEach((cell) => {
      const key = cell.dataset.column || "";
      if (["type", "importance", "difficulty", "status", "updated"].includes(key) && !all.some((row) => key === "importance" ? row.importance >= 0 : row[/** @type {"type"} */ (key)])) cell.remove();
    });
    addButtons(head);
    const columns = findAll("th", head).map((cell) => cell.dataset.column || "");
    body.append(...rows.map((row) => {
      const line = make("tr"), title = make("th");
      title.scope = "row";
      title.append(link(row), summaryOf(row));
      line.append(title, ...columns.slice(1).map((column) => tableCell(row, column)));
      return line;
    }));
    made.append(head, body);
    return [made];
  }

  /** @param {ListRow} row */
  function link(row) {
    const a = make("a", "", row.name);
    a.href = root + row.url.split("/").map(encodeURIComponent).join("/");
    return a;
  }

  /** The place of a row's summary, which is filled when the reader sees it. @param {ListRow} row */
  function summaryOf(row) {
    const place = make("p");
    place.dataset.note = String(row.number);
    return place;
  }

  /**
   * @param {ListRow} row
   * @param {string} column
   */
  function tableCell(row, column) {
    const cell = make("td", column === "in" || column === "out" ? "cell-links" : "cell-" + column);
    cell.append(...factOf(row, column));
    return cell;
  }

  /**
   * What a cell shows.
   * @param {ListRow} row
   * @param {string} column
   * @returns {Node[]}
   */
  function factOf(row, column) {
    if (column === "in" || column === "out") return [document.createTextNode(String(row[column]))];
    if (column === "importance") return row.importance < 0 ? [] : importanceBar(row.importance);
    if (column === "updated") {
      const time = make("time", "", dateText(row.updated));
      time.dateTime = row.updated;
      return row.updated ? [time] : [];
    }
    const key = /** @type {ValueColumn} */ (column), value = row[key];
    if (!value) return [];
    const shown = make("span", key === "difficulty" ? "" : key === "type" ? "type type-" + value : "status status-" + value, key === "difficulty" ? "" : row.names[key]);
    shown.dataset.value = value;
    if (key === "difficulty") {
      const level = difficultyLevel(value), dots = make("span", "dots dots-" + level);
      dots.setAttribute("aria-hidden", "true");
      shown.append(...(level ? [dots] : []), row.names[key]);
    }
    return [shown];
  }

  /** The level of a difficulty as `difficulty_level` in src/config/schema.rs computes it. @param {string} value */
  function difficultyLevel(value) {
    const declared = (texts.difficulties || "").split("\t"), place = declared.indexOf(value), steps = Math.max(declared.length - 1, 1);
    return place < 0 ? 0 : 1 + Math.floor((4 * place + steps) / (2 * steps));
  }

  /** @param {number} value */
  function importanceBar(value) {
    const bar = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    bar.setAttribute("class", "importance");
    bar.setAttribute("viewBox", "0 0 100 8");
    bar.setAttribute("aria-hidden", "true");
    [["", 92], ["on", value * 92 / 100]].forEach(([className, length]) => {
      const line = document.createElementNS("http://www.w3.org/2000/svg", "path");
      line.setAttribute("d", `M4 4h${length}`);
      if (className) line.setAttribute("class", String(className));
      if (length) bar.append(line);
    });
    return [bar, document.createTextNode(String(value))];
  }

  /** A date as the pages write it; an invalid one stays as it is. @param {string} date */
  function dateText(date) {
    const [year, month, day] = date.split("-"), name = texts.months.split(/\s+/)[Number(month) - 1];
    return year && name ? texts.date.replace("{d}", String(Number(day))).replace("{m}", name).replace("{y}", year) : date;
  }

  /** @param {ListRow} row */
  function item(row) {
    const made = make("li", "item"), bits = make("span", "bits");
    bits.append(...factOf(row, "type"), ...factOf(row, "difficulty"), ...factOf(row, "updated"));
    made.append(link(row), bits, summaryOf(row));
    return made;
  }

  /**
   * Fills the summaries of rows as the reader comes near them: the text of each note is in a file with a few others.
   * @param {HTMLElement} shown
   * @param {ListRow[]} rows
   * @param {SearchEngine} engine
   */
  function addSummaries(shown, rows, engine) {
    const places = findAll("[data-note]", shown);
    const observer = new IntersectionObserver((entries) => entries.forEach(async ({ isIntersecting, target }) => {
      if (!isIntersecting) return;
      observer.unobserve(target);
      target.textContent = await engine.summary(Number(/** @type {HTMLElement} */ (target).dataset.note));
    }), { rootMargin: "200px" });
    // A word that is still being typed shows a result for a moment only.
    setTimeout(() => places.forEach((place) => place.isConnected && observer.observe(place)), rows.length ? 160 : 0);
  }

  // --- Start

  addButtons(document);
  if (!isSplit) rowsOfPage();
  fields.forEach((field) => field.addEventListener("input", () => {
    pageNumber = 1;
    apply(true);
  }));
  // The first touch of a field loads the columns, so that the result is there after the first letter.
  if (isSplit) form.addEventListener("focusin", wholeList, { once: true });
  addEventListener("hashchange", readAddress);
  readAddress();
})();
