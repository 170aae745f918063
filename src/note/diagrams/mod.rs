//! Draws diagrams written in Mermaid's language: flowcharts, sequence, state and class diagrams become SVG, without a
//! script and without a browser. The positions in layered diagrams come from `dugong`, a port of the library that Mermaid
//! uses too.
//!
//! Strict: a statement that is not understood is a fault with its line, so no picture leaves out what its author wrote.
//! Colours and fonts are the theme's, by classes; what an author says about colours is skipped. Knows nothing of notes.
//!
//! ```text
//! source ─ scan ─▶ statements ─ flowchart, states, classes ─▶ Layered ─ layered ─▶ positions ─ shapes, svg ─▶ Drawing
//!                             └ sequence ─▶ events ─ sequence_picture ────────────────────────────┘
//! ```

mod classes;
mod curves;
mod flowchart;
mod labels;
mod layered;
mod scan;
mod sequence;
mod sequence_picture;
mod shapes;
mod states;
mod svg;

use crate::system::panics;
use rustc_hash::FxHashMap;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

/// The part of the plane that a drawing shows: left, top, width, height.
pub(crate) type ViewBox = (i32, i32, u32, u32);

/// The maximum size of a source in bytes, far above any diagram that can be read.
const MAX_SOURCE: usize = 16 * 1024;
/// The maximum size of a drawing in bytes, 20 times that of a large diagram.
const MAX_DRAWING: usize = 128 * 1024;
/// The maximum size of all cached drawings in bytes, beyond which the cache is cleared.
const MAX_CACHED: usize = 16 * 1024 * 1024;

/// A drawn diagram.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Drawing {
    /// The content of an `<svg>` element. Elements have only classes of the theme and numbers: nothing that an author
    /// writes is markup.
    pub svg: String,
    /// The view box: left, top, width and height in pixels.
    pub view: ViewBox,
    /// The title that the source gives. Empty: none.
    pub title: String,
    /// The description for readers who do not see the picture. Empty: none.
    pub description: String,
}

/// The reason why a diagram is not drawn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fault {
    /// The line of the source, from 0.
    pub line: usize,
    /// A phrase for a message.
    pub why: String,
}

impl Fault {
    fn new(line: usize, why: impl Into<String>) -> Fault {
        Fault { line, why: why.into() }
    }
}

/// The result of [`draw`], shared by the rule and the pages.
type Drawn = Arc<Result<Drawing, Fault>>;

#[derive(Default)]
struct Cache {
    drawings: FxHashMap<[u8; 32], Drawn>,
    bytes: usize,
}

static CACHE: LazyLock<Mutex<Cache>> = LazyLock::new(Mutex::default);

/// Whether the language of a code block is Mermaid's.
pub(crate) fn is_diagram(language: &str) -> bool {
    language.eq_ignore_ascii_case("mermaid")
}

/// Draws a diagram. The result depends only on `source`; a diagram that was drawn before is not drawn again.
pub(crate) fn draw(source: &str) -> Drawn {
    let key = *blake3::hash(source.as_bytes()).as_bytes();
    let known = CACHE.lock().unwrap_or_else(PoisonError::into_inner).drawings.get(&key).cloned();
    if let Some(known) = known {
        return known;
    }
    let drawn: Drawn = Arc::new(draw_new(source));
    let mut cache = CACHE.lock().unwrap_or_else(PoisonError::into_inner);
    if cache.bytes > MAX_CACHED {
        *cache = Cache::default();
    }
    cache.bytes += drawn.as_ref().as_ref().map_or(100, |drawing| drawing.svg.len());
    cache.drawings.insert(key, drawn.clone());
    drawn
}

fn draw_new(source: &str) -> Result<Drawing, Fault> {
    if source.len() > MAX_SOURCE {
        return Err(Fault::new(0, format!("it is longer than {} KiB", MAX_SOURCE / 1024)));
    }
    let read = scan::read(source)?;
    // The library for the layout is not ours: if it panics, the page shows the source.
    let drawn = panics::catch(|| match read.kind {
        scan::Kind::Flowchart => layered::draw(&flowchart::parse(&read)?),
        scan::Kind::State => layered::draw(&states::parse(&read)?),
        scan::Kind::Class => layered::draw(&classes::parse(&read)?),
        scan::Kind::Sequence => Ok(sequence_picture::draw(&sequence::parse(&read)?)),
    });
    let (svg, view) = drawn.unwrap_or_else(|_| Err(Fault::new(0, "the layout failed")))?;
    if svg.len() > MAX_DRAWING {
        return Err(Fault::new(0, format!("its drawing is larger than {} KiB", MAX_DRAWING / 1024)));
    }
    Ok(Drawing { svg, view, title: read.title, description: read.description })
}

#[cfg(test)]
mod tests;
