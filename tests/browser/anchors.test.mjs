// Anchors of headings are those of github-slugger 2, the package that code hosts' renderers follow: 2,000 headings in 20 languages
// with numbers, punctuation, symbols and repeats, compared one by one with the ids of the built pages. Needs no browser.
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import test from "node:test";
import GithubSlugger from "github-slugger";
import { build } from "./site.mjs";

// A sentence of each language: its words are what headings are made of.
const LANGUAGES = {
  arabic: "كيف تعمل الذاكرة المؤقتة في ٢٠٢٦", armenian: "Ինչպես է աշխատում քեշը", bengali: "ক্যাশ কীভাবে কাজ করে ১২৩", chinese: "缓存 如何 工作 的 原理",
  czech: "Jak funguje mezipaměť příště", english: "How a Cache Works Today", finnish: "Miten välimuisti Toimii Äkkiä", french: "L’œuvre du cache Évité ça",
  georgian: "როგორ მუშაობს ქეში", german: "Größe STRASSE Übermaß der Ablage", greek: "Πώς λειτουργεί ο ΧΏΡΟΣ της ΜΝΉΜΗΣ", hebrew: "איך עובד מטמון בְּרֵאשִׁית",
  hindi: "कैश कैसे काम करता है १२", japanese: "キャッシュ の しくみ ー 入門", korean: "캐시는 어떻게 작동 합니까", polish: "Jak Działa Pamięć Źródłowa",
  russian: "Как Работает Кэш ёлка", thai: "แคช ทำงาน อย่างไร ๑๒", turkish: "Önbellek Nasıl Çalışır İstanbul IĞDIR", vietnamese: "Bộ nhớ đệm Hoạt động thế nào",
};
const BETWEEN = [" ", " & ", ": ", " – ", ", ", "-", "/", " ² ", " (", "_", " ½ ", " ① ", " Ⅷ ", "’", " 🚀 ", "·", "‿", " € ", "  ", ". "];

/** A heading of some words of a sentence; the same number gives the same heading. */
function heading(words, n) {
  let state = n * 2654435761 % 4294967296;
  const next = (count) => (state = (state * 1664525 + 1013904223) % 4294967296) % count;
  let text = words[next(words.length)];
  for (let more = next(4); more > 0; more--) text += BETWEEN[next(BETWEEN.length)] + words[next(words.length)];
  return next(5) ? text : text + ["?", "!", " 10", " №", "…"][next(5)];
}

test("the anchors of 2,000 headings in 20 languages are those of github-slugger", (t) => {
  const folder = mkdtempSync(path.join(tmpdir(), "canon-anchors-"));
  t.after(() => rmSync(folder, { recursive: true }));
  mkdirSync(path.join(folder, "base"));
  const all = Object.entries(LANGUAGES).map(([language, sentence]) => [language, Array.from({ length: 100 }, (_, n) => heading(sentence.split(" "), n % 90))]);
  for (const [language, headings] of all) {
    const text = headings.map((words) => `## ${words}\n\nText.\n`).join("\n");
    writeFileSync(path.join(folder, "base", `${language}.md`), `---\ntitle: ${language}\n---\n\n${text}`);
  }
  const site = build(path.join(folder, "base"), path.join(folder, "site"));
  let compared = 0;
  for (const [language, headings] of all) {
    const slugger = new GithubSlugger();
    const html = readFileSync(path.join(site, `${language}.html`), "utf8");
    const ids = [...html.matchAll(/<h2 id="([^"]*)"/g)].map((match) => match[1]);
    for (const [n, words] of headings.entries()) {
      assert.equal(ids[n], slugger.slug(words), `${language}: ${words}`);
      compared += 1;
    }
  }
  assert.equal(compared, 2000);
});
