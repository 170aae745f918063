// What the scripts of a page share through `window`, for `tsc`. The types of the data are in the script that reads it.

interface Window {
  /** Called by `tree/N.js` with the content of folders by path. */
  canonTree(folders: Record<string, OpenedFolder>): void;
  /** Called by `previews/N.js`. */
  canonPreviews(some: Record<string, NotePreview | SectionPreview>): void;
  /** Set by `previews.js`: begins with the event that made it load. */
  canonStartPreviews(event: Event, words: Record<string, string>): void;
  /** Set by `texts.js`: the texts of scripts in the site's language. */
  canonTexts?: Record<string, string>;
  canonSearch: CanonSearch;
  /** Set by `extras.js`. */
  canonExtras: { help(): Promise<void>, random(): Promise<void>, resume(): Promise<void> };
  canonPractice: CanonPractice;
  /** Called by `glossary/N.js` and `wanted/N.js` with their names. */
  canonNames?(file: [part: string, names: string[]]): void;
  /** Set by `graph-data.js`. */
  canonGraph?: GraphIndex;
  /** Called by `graph/N.js`. */
  canonGraphPart(part: number, data: GraphColumns): void;
  /** Called by `graph/numbers-N.js`: numbers of notes by encoded address. */
  canonGraphNumbers(some: Record<string, number>): void;
  /** The notes of the graph; used by the graph page and by the tests of the format. */
  canonGraphNotes: typeof canonGraphNotes;
  canonGraphPicture: typeof canonGraphPicture;
  canonGraphSketches: typeof canonGraphSketches;
  canonGraphPen: typeof canonGraphPen;
  canonGraphNear: typeof canonGraphNear;
  /**
   * Changes the page into the new version with this text. Returns the data attributes of the new page's own script
   * element, or `null` if the page must be reloaded.
   */
  canonSwap(text: string): DOMStringMap | null;
}

/** The search dialog and its engine; each script adds its part. */
interface CanonSearch {
  /** Opens the dialog, with `text` in its field if given. */
  open(text?: string): Promise<void>;
  /** Called by each file of the index with its content. */
  add(value: unknown): void;
  engine?: SearchEngine;
}

declare var canonSearch: CanonSearch;

/** The practice page; each script adds its part. */
interface CanonPractice {
  memory: PracticeMemory;
  log: PracticeLog;
  queue: PracticeQueue;
  charts: PracticeCharts;
  moves: PracticeMoves;
  openStore(site: string): Promise<PracticeStore>;
  /** Called by `practice/cards.js`. */
  index(index: PracticeIndex): void;
  /** Called by `practice/N.js` with the number of the part, and the texts by place of the note. */
  add(part: [number: number, notes: Record<string, NoteTexts>]): void;
}
