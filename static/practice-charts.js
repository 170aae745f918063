// What a log says: how many cards will be due, how much is remembered, how much of each core topic is known. Each chart is a
// table with a bar in each row, so it can be read without eyes and without colours. Knows no store.

/** @typedef {{ label: string, value: string, share: number }} ChartRow The share is from 0 to 1, the length of the bar. */
/** @typedef {{ title: string, rows: ChartRow[] }} Chart */
/**
 * @typedef {object} PracticeCharts
 * @property {(index: PracticeIndex, states: CardStates, today: number, texts: Record<string, string>) => Chart[]} all
 * @property {(charts: Chart[]) => HTMLElement} shown
 * @property {(states: CardStates, today: number) => number} streak Days in a row with a review, up to today or yesterday.
 */

(() => {
  "use strict";

  const FORECAST_DAYS = 14, SPANS = [[30, 60], [60, 90], [90, Infinity]], CORE = 80, MOST_TOPICS = 30;

  /** @type {(share: number) => string} */
  const percent = (share) => Math.round(share * 100) + " %";

  /** @type {PracticeCharts["streak"]} */
  function streak(states, today) {
    const days = new Set(states.past.map((review) => review.day));
    let length = 0;
    for (let day = days.has(today) ? today : today - 1; days.has(day); day--) length++;
    return length;
  }

  /** @type {(states: CardStates, today: number, texts: Record<string, string>) => Chart} */
  function forecast(states, today, texts) {
    const { log, memory } = window.canonPractice, counts = new Array(FORECAST_DAYS).fill(0);
    for (const state of states.all.values()) {
      const day = Math.max(log.due(state, memory.retention) - today, 0);
      if (day < FORECAST_DAYS && !log.isLeech(state)) counts[day]++;
    }
    const most = Math.max(...counts, 1);
    const label = (/** @type {number} */ day) => new Date((today + day) * 86400000).toLocaleDateString(document.documentElement.lang, { timeZone: "UTC", weekday: "short", day: "numeric", month: "short" });
    return { title: texts.forecast, rows: counts.map((count, day) => ({ label: day ? label(day) : texts.today, value: String(count), share: count / most })) };
  }

  /** @type {(states: CardStates, texts: Record<string, string>) => Chart} */
  function retention(states, texts) {
    const rows = SPANS.map(([from, to]) => {
      const own = states.past.filter(({ elapsed }) => elapsed !== null && elapsed >= from && elapsed < to);
      const share = own.filter(({ rating }) => rating > 1).length / (own.length || 1);
      return { label: texts.after_days.replace("{n}", String(from)), value: own.length ? percent(share) + " (" + own.length + ")" : "–", share: own.length ? share : 0 };
    });
    return { title: texts.retention, rows };
  }

  /** @type {(index: PracticeIndex, states: CardStates, today: number, texts: Record<string, string>) => Chart} */
  function coverage(index, states, today, texts) {
    const { queue } = window.canonPractice, core = index.notes.filter((note) => note.i >= CORE && note.c.length > 0);
    const rows = core.map((note) => {
      const known = note.c.reduce((sum, id) => sum + queue.recall(states.of(id), today), 0) / note.c.length;
      return { label: note.t, value: percent(known), share: known };
    });
    return { title: texts.coverage, rows: rows.sort((a, b) => a.share - b.share).slice(0, MOST_TOPICS) };
  }

  /** @type {PracticeCharts["all"]} */
  const all = (index, states, today, texts) =>
    [forecast(states, today, texts), retention(states, texts), coverage(index, states, today, texts)].filter((chart) => chart.rows.length > 0);

  /** @type {PracticeCharts["shown"]} */
  function shown(charts) {
    const box = document.createElement("div");
    box.className = "practice-charts";
    for (const { title, rows } of charts) {
      const table = box.appendChild(document.createElement("table"));
      table.createCaption().textContent = title;
      for (const { label, value, share } of rows) {
        const row = table.insertRow(), head = document.createElement("th");
        head.scope = "row";
        head.textContent = label;
        row.append(head);
        const bar = document.createElement("progress");
        bar.value = share;
        bar.setAttribute("aria-hidden", "true");
        row.insertCell().append(bar);
        row.insertCell().textContent = value;
      }
    }
    return box;
  }

  window.canonPractice.charts = { all, shown, streak };
})();
