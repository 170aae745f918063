//! `canon graph`: prints the link graph for programs.

use super::{Global, Outcome, print};
use crate::base::site::Site;
use crate::data::feeds;
use crate::text::html_escape::escaped;
use std::fmt::Write;
use std::path::PathBuf;

/// Print the link graph
#[derive(Debug, clap::Args)]
pub(super) struct GraphCommand {
    /// The site, or a folder of notes
    #[arg(default_value = ".")]
    root: PathBuf,
    /// The format of the output
    #[arg(long, value_name = "FORMAT", default_value = "json")]
    format: Format,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum Format {
    /// JSON, documented for programs.
    Json,
    /// DOT, for Graphviz.
    Dot,
    /// GraphML, for graph editors.
    Graphml,
}

impl GraphCommand {
    pub(super) fn run(&self, global: &Global) -> Outcome {
        let site = global.analyze(&self.root)?;
        print(&match self.format {
            Format::Json => feeds::graph_json(&site),
            Format::Dot => dot(&site),
            Format::Graphml => graphml(&site),
        })
    }
}

fn dot(site: &Site) -> String {
    // In DOT a quoted string has exactly two escapes; a title may contain both characters.
    let quoted = |s: &str| format!("\"{}\"", s.replace('\\', "\\\\").replace('"', "\\\""));
    let mut out = String::from("digraph canon {\n");
    for (i, note) in site.concepts() {
        let _ = writeln!(out, "  {} [label={}];", quoted(&site.graph.keys[i]), quoted(&note.title));
    }
    for edge in concept_edges(site) {
        let (source, target) = (&site.graph.keys[edge.source], &site.graph.keys[edge.target]);
        let _ = writeln!(out, "  {} -> {} [label={}];", quoted(source), quoted(target), edge.kind.name());
    }
    out.push_str("}\n");
    out
}

fn graphml(site: &Site) -> String {
    let mut out = String::from(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<graphml xmlns=\"http://graphml.graphdrawing.org/xmlns\">\n\
         <key id=\"title\" for=\"node\" attr.name=\"title\" attr.type=\"string\"/>\n\
         <key id=\"importance\" for=\"node\" attr.name=\"importance\" attr.type=\"int\"/>\n\
         <key id=\"kind\" for=\"edge\" attr.name=\"kind\" attr.type=\"string\"/>\n<graph edgedefault=\"directed\">\n",
    );
    for (i, note) in site.concepts() {
        let importance =
            note.head.importance.map(|n| format!("<data key=\"importance\">{n}</data>")).unwrap_or_default();
        let (key, title) = (escaped(&site.graph.keys[i]), escaped(&note.title));
        let _ = writeln!(out, "<node id=\"{key}\"><data key=\"title\">{title}</data>{importance}</node>");
    }
    for edge in concept_edges(site) {
        let (source, target) = (escaped(&site.graph.keys[edge.source]), escaped(&site.graph.keys[edge.target]));
        let _ = writeln!(
            out,
            "<edge source=\"{source}\" target=\"{target}\"><data key=\"kind\">{}</data></edge>",
            edge.kind.name()
        );
    }
    out.push_str("</graph>\n</graphml>\n");
    out
}

/// The links between concept notes. Landing pages link to every note of their folder, which would hide the structure.
fn concept_edges(site: &Site) -> impl Iterator<Item = &crate::base::graph::Edge> {
    site.graph.edges.iter().filter(|e| site.note(e.source).is_note() && site.note(e.target).is_note())
}
