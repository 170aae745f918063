// A small knowledge base in the full format, written anew for each run: every kind of page, and a page that strains the layout.
import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";

export const note = (id, title, more, body) => `---
id: ${id}
title: "${title}"
type: ${more.type || "concept"}
status: ${more.status || "learning"}
importance: ${more.importance ?? 50}
difficulty: ${more.difficulty || "easy"}
tags: [${(more.tags || ["bread"]).join(", ")}]
aliases: [${(more.aliases || []).join(", ")}]
created_at: 2025-01-05
updated_at: ${more.updated || "2025-02-01"}
${more.front || ""}---

# ${title}
${body}`;

const short = (text, links = "") => `
## TL;DR
- ${text}

## Definition
**What it is:** ${text}
**Key terms:** dough, crumb.
${links}`;

const COLD = note("cold-proofing", "Cold proofing", { type: "pattern", importance: 90, difficulty: "medium", tags: ["fermentation", "time"], aliases: ["Retarding", "Cold retard"],
  updated: "2025-03-02", front: "redirect_from: [old/cold.html]\n" }, `
## TL;DR (BLUF)
- **Cold proofing** lets shaped dough rest at 4 °C overnight.
- Flavour grows while the yeast is nearly asleep.

## Definition
**What it is:** A slow last rise in the cold, between shaping and baking.
**Key terms:** retarding, enzymes, lactic acid.

## Why it matters
- It moves the baking to the hour that suits the baker, as [hydration](hydration.md) moves the crumb.

## Scope & Non-goals
**In scope:** shaped loaves.
**Out of scope / NOT solved by this:** the first rise.

## Decision rules (When to use / When not to use)
### Use cold proofing when
- The bread is for the morning.

### Avoid cold proofing when
- The dough is sweet and rich.

## Implementation notes (if applicable)
- **Checklist**
  - [ ] Oil the basket
  - [x] Cover the dough

\`\`\`python
def hours(celsius):
    return 16 if celsius < 5 else 8
\`\`\`

| Celsius | Hours |
|---|---|
| 4 | 16 |
| 8 | 8 |

Energy is $E = mc^2$ here too.[^why]

> [!NOTE]
> Every refrigerator is different.

[^why]: Physics does not stop at the door.

## Mini example (if applicable)
N/A

## Trade-offs & Alternatives
### Trade-offs
- **Pros:** taste, freedom.
- **Cons:** space in the refrigerator.

## Failure modes & Pitfalls
- A skin forms on uncovered dough.

## Interview readiness
### Trap questions (with answers)
1) **Q:** Does fermentation stop at 4 °C?
   - **A:** It slows, and goes on.
2) **Q:** Is colder always better?
   - **A:** No; below zero the yeast is harmed.
3) **Q:** Can the loaf be baked straight from the cold?
   - **A:** Yes, and it is easier to score.

### Quick self-check (5 items)
- [ ] I can say what retarding is.
- [ ] I can choose the hours.
- [ ] I can name a failure.
- [ ] I can compare it with a warm rise.
- [ ] I can plan a bake.

## Links (NO duplication)
### Prerequisites
- [Hydration](hydration.md)
- (TODO) Yeast metabolism

### Related topics
- [Gluten](../flour/gluten.md)
- [Ovens](../ovens/steam.md)

### Compare with
- [Warm proofing](warm-proofing.md) — hours at 26 °C instead of a night at 4 °C.

## Notes / Inbox (optional)
- N/A
`);

const FILES = {
  "_index.md": "# Bread\n\nWhat a baker should be able to explain.\n",
  "how-to-read.md": "# How to read this base\n\nAbout these notes: begin with [gluten](flour/gluten.md).\n",
  "_aliases/overnight-rise.md": "# Overnight rise\n\nThis is an alias for [Cold proofing](../fermentation/cold-proofing.md).\n",
  "_aliases/lost.md": "# Lost\n\nThis is an alias for [Nothing](../fermentation/nothing.md).\n",
  "fermentation/cold-proofing.md": COLD,
  "fermentation/hydration.md": note("hydration", "Hydration", { importance: 80, tags: ["water"], aliases: ["Bakers percentage"] },
    short("Water as a share of the flour's weight.", "\n## Links\n### Prerequisites\n- [Gluten](../flour/gluten.md)\n")),
  "fermentation/warm-proofing.md": note("warm-proofing", "Warm proofing", { type: "pattern", importance: 60, status: "mastered", tags: ["fermentation"] },
    short("The last rise at room temperature.", "\n## Interview readiness\n### Trap questions\n1) **Q:** Is it faster?\n   - **A:** Yes.\n\n## Links\n### Related topics\n- [Cold proofing](cold-proofing.md)\n")),
  "flour/gluten.md": note("gluten", "Gluten", { importance: 85, difficulty: "hard", tags: ["flour"] },
    short("A net of proteins that holds gas.", "\nAn autolyse lets it form by itself.\n")),
  "flour/ash-content.md": note("ash-content", "Ash content", { type: "reference", importance: 20, tags: ["flour"] }, short("What is left of flour after burning it.")),
};

export const ARABIC = "الخبز طعام قديم يصنع من الدقيق والماء والملح والخميرة ويخبز في فرن ساخن حتى ينضج";

function stress() {
  const long = "x".repeat(200), deep = Array.from({ length: 12 }, (_, i) => `${"  ".repeat(i)}- level ${i} ${long.slice(0, 60)}`).join("\n");
  const row = (cell) => `|${Array.from({ length: 40 }, (_, i) => cell(i)).join("|")}|`;
  const headings = Array.from({ length: 300 }, (_, i) => `### Heading ${i}\n\nText ${i}.\n`).join("\n");
  return `# ${"Unbreakable".repeat(18)}\n\n${ARABIC}\n\n<div dir="rtl">${ARABIC} ${ARABIC}</div>\n\n${long}\n\n\`${long}\`\n\n[${long}](https://example.org/${long})\n\n`
    + `${deep}\n\n${row((i) => `Column ${i}`)}\n${row(() => "---")}\n${row((i) => `value${i}`)}\n\n\`\`\`text\n${long}${long}\n\`\`\`\n\n> [!WARNING]\n> ${long}\n\n$$\\sum_{i=0}^{n} ${"a_i + ".repeat(40)} 1$$\n\n## ${long}\n\n${headings}`;
}

/** Writes the base below `folder`, `more` notes beside its own, `settings` behind those of canon.toml; its site is built there with the folder as root. A broken link stands in one note only. */
export function writeBase(folder, { language = "en", more = {}, settings = "" } = {}) {
  const put = (at, text) => {
    const file = path.join(folder, at);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, text);
  };
  put("canon.toml", `title = "Bread"\ndescription = "Bread, from first principles."\nlanguage = "${language}"\npages = ["how-to-read.md", "stress.md"]\n${settings}\n`);
  for (const [at, text] of Object.entries({ ...FILES, ...more })) put(`content/${at}`, text);
  put("content/ovens/steam.md", note("steam", "Steam", { importance: 40, type: "technology", tags: ["ovens"], status: "stale" },
    short("Moist air keeps the crust soft.", `\nSee [stones](stones.md), [gluten](../flour/gluten.md#definition) and [the miller](https://example.org/mill).\n`)));
  put("content/stress.md", stress());
  put("content/stress-note.md", note("stress-note", "W".repeat(120), { importance: 1, tags: ["t".repeat(80)], aliases: ["A".repeat(120)] }, `\n## TL;DR\n- ${"y".repeat(200)}\n\n## Trap questions\n1) **Q:** ${"z".repeat(200)}?\n   - **A:** ${ARABIC}\n`));
}

export const COLD_PAGE = "fermentation/cold-proofing.html";

/** One address of every kind of page. */
export const KINDS = ["index.html", COLD_PAGE, "fermentation/index.html", "how-to-read.html", "tags/index.html", "tags/fermentation.html", "importance.html", "difficulty.html",
  "status.html", "types.html", "glossary.html", "graph.html", "recent.html", "wanted.html", "health.html", "search.html", "_aliases/lost.html",
  "404.html", "browse.html", "ovens/steam.html"];
