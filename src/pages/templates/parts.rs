//! Style sheets and scripts that few pages need. A page that shows such a part loads its files; all other pages do
//! without their weight. Decided by the finished HTML, so it holds for every template, embed and override.

use memchr::memmem;

/// A part of a page with files of its own.
struct Part {
    /// The start of its markup.
    markup: &'static str,
    /// Its style sheet and its script.
    style: Option<&'static str>,
    script: Option<&'static str>,
}

const PARTS: &[Part] = &[
    Part { markup: "<div class=\"code", style: None, script: Some("code.js") },
    Part { markup: "<div class=\"code lines", style: Some("code-lines.css"), script: None },
    Part { markup: "<figure class=\"diagram\"", style: Some("diagram.css"), script: None },
    Part { markup: "<section class=\"footnotes\"", style: Some("footnotes.css"), script: Some("footnotes.js") },
];

/// Adds the files of the parts on a page to its head. `assets` is the URL of the theme's folder, with the final slash.
///
/// Style sheets are linked right after the theme's own, so that those of the site come later and win.
pub(super) fn link_parts(html: &mut String, assets: &str) {
    let shown = PARTS.iter().filter(|part| memmem::find(html.as_bytes(), part.markup.as_bytes()).is_some());
    let (mut styles, mut scripts) = (String::new(), String::new());
    for part in shown {
        if let Some(file) = part.style {
            styles.push_str(&format!("\n<link rel=\"stylesheet\" href=\"{assets}{file}\">"));
        }
        if let Some(file) = part.script {
            scripts.push_str(&format!("<script src=\"{assets}{file}\" defer></script>\n"));
        }
    }
    let Some(end) = html.find("</head>") else { return };
    if !scripts.is_empty() {
        html.insert_str(end, &scripts);
    }
    if !styles.is_empty() {
        const THEME: &str = "/canon.css\">";
        let theme = html[..end].find(THEME).map(|at| at + THEME.len());
        html.insert_str(theme.unwrap_or(end), &styles);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = "<head>\n<link rel=\"stylesheet\" href=\"../_canon/canon.css\">\n<link rel=\"stylesheet\" href=\"../own.css\">\n<script src=\"../_canon/canon.js\" defer></script>\n</head>";

    fn with_parts(head: &str, body: &str) -> String {
        let mut html = format!("{head}<body>{body}</body>");
        link_parts(&mut html, "../_canon/");
        html
    }

    #[test]
    fn a_page_without_such_parts_stays_as_it_is() {
        let plain = "<p>&lt;div class=\"code lines\"&gt; and <code>x</code></p>";
        assert_eq!(with_parts(HEAD, plain), format!("{HEAD}<body>{plain}</body>"));
    }

    #[test]
    fn a_part_has_its_style_before_those_of_the_site_and_its_script_last() {
        let html = with_parts(HEAD, "<div class=\"code lines\"></div>");
        let at = |text: &str| html.find(text).unwrap_or_else(|| panic!("{text}: {html}"));
        assert!(at("_canon/canon.css") < at("../_canon/code-lines.css"));
        assert!(at("code-lines.css") < at("../own.css"));
        assert!(at("_canon/canon.js") < at("../_canon/code.js"));
        assert_eq!(html.matches("code.js").count(), 1);
        assert!(!html.contains("footnotes"), "{html}");
    }

    #[test]
    fn a_head_of_the_site_gets_the_files_at_its_end() {
        let html =
            with_parts("<head><title>x</title></head>", "<section class=\"footnotes\" aria-label=\"x\"></section>");
        assert!(
            html.starts_with(
                "<head><title>x</title>\n<link rel=\"stylesheet\" href=\"../_canon/footnotes.css\"><script"
            )
        );
        assert_eq!(with_parts("", "<div class=\"code\">"), "<body><div class=\"code\"></body>");
    }

    #[test]
    fn each_file_of_a_part_is_one_of_the_theme() {
        let files = super::super::theme_files();
        for file in PARTS.iter().flat_map(|part| [part.style, part.script]).flatten() {
            assert!(files.iter().any(|(name, _)| name == file), "{file}");
        }
    }
}
