//! The words in a diagram: labels as their author wrote them become lines of plain text, of a known width.

/// The size of the font and the height of a line in pixels. `static/diagram.css` has the same.
pub(super) const FONT: f64 = 14.0;
pub(super) const LINE: f64 = 19.0;
/// The width in pixels at which labels are wrapped.
const WRAP: f64 = 190.0;
/// The maximum length of a label in characters.
const MAX_LABEL: usize = 400;

/// The lines of a label, wrapped. Empty for a label without words.
pub(super) fn lines(written: &str) -> Vec<String> {
    plain_lines(written).iter().flat_map(|line| wrapped(line)).collect()
}

/// The lines of a label as they are broken by its author.
pub(super) fn plain_lines(written: &str) -> Vec<String> {
    let text = decoded(&broken(unquoted(written)));
    let text: String = text.chars().take(MAX_LABEL).collect();
    let lines = text.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "));
    let mut lines: Vec<String> = lines.collect();
    while lines.last().is_some_and(String::is_empty) {
        lines.pop();
    }
    lines
}

/// A label on one line.
pub(super) fn plain(written: &str) -> String {
    plain_lines(written).join(" ")
}

/// A piece of the source for a message.
pub(super) fn shortened(text: &str) -> String {
    const LONGEST: usize = 40;
    match text.char_indices().nth(LONGEST) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text.to_string(),
    }
}

/// A label without the quotation marks around it, also those of a Markdown string.
fn unquoted(written: &str) -> &str {
    let text = written.trim();
    let text = text.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap_or(text).trim();
    text.strip_prefix('`').and_then(|text| text.strip_suffix('`')).unwrap_or(text)
}

/// Line breaks for `<br>` and `\n`; all other tags, and names of icons, are left out.
fn broken(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(['<', '\\']) {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let tag = rest.starts_with('<').then(|| rest.find('>')).flatten().map(|end| &rest[1..end]);
        let tag = tag.filter(|tag| tag.trim_start_matches('/').starts_with(|c: char| c.is_ascii_alphabetic()));
        match tag {
            Some(tag) => {
                let name: String = tag.chars().take_while(char::is_ascii_alphabetic).collect();
                if name.eq_ignore_ascii_case("br") {
                    out.push('\n');
                }
                rest = &rest[tag.len() + 2..];
            }
            None if rest.starts_with("\\n") => {
                out.push('\n');
                rest = &rest[2..];
            }
            None => {
                out.push_str(&rest[..1]);
                rest = &rest[1..];
            }
        }
    }
    out.push_str(rest);
    let words =
        out.split(' ').filter(|word| !["fa:", "fab:", "fas:", "far:"].iter().any(|icon| word.starts_with(icon)));
    words.collect::<Vec<_>>().join(" ")
}

/// The text with Mermaid's escapes (`#quot;`, `#35;`) and the common ones of HTML decoded.
fn decoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(['#', '&']) {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let name = rest.find(';').filter(|end| (2..=10).contains(end)).map(|end| &rest[1..end]);
        match name.and_then(|name| character(name).map(|c| (name, c))) {
            Some((name, c)) => {
                out.push(c);
                rest = &rest[name.len() + 2..];
            }
            None => {
                out.push_str(&rest[..1]);
                rest = &rest[1..];
            }
        }
    }
    out.push_str(rest);
    out
}

fn character(name: &str) -> Option<char> {
    let number = name.trim_start_matches('#');
    let code = match number.strip_prefix(['x', 'X']) {
        Some(hex) => u32::from_str_radix(hex, 16).ok(),
        None => number.parse().ok(),
    };
    match name {
        "quot" => Some('"'),
        "apos" => Some('\''),
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "nbsp" => Some('\u{a0}'),
        _ => code.and_then(char::from_u32).filter(|c| !c.is_control()),
    }
}

/// The line broken between words where it gets wider than [`WRAP`].
fn wrapped(line: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let mut current = String::new();
    for word in line.split(' ') {
        if !current.is_empty() && width(&current) + width(" ") + width(word) > WRAP {
            lines.push(std::mem::take(&mut current));
        }
        if !current.is_empty() {
            current.push(' ');
        }
        current.push_str(word);
    }
    lines.push(current);
    lines
}

/// The width of a line in pixels: an upper estimate for the fonts that browsers use without a serif.
pub(super) fn width(text: &str) -> f64 {
    text.chars().map(|c| share(c) * FONT).sum()
}

/// The width of the widest line.
pub(super) fn widest(lines: &[String]) -> f64 {
    lines.iter().map(|line| width(line)).fold(0.0, f64::max)
}

/// The width of a character as a share of the size of the font.
fn share(c: char) -> f64 {
    match c {
        'i' | 'j' | 'l' | 'I' | '.' | ',' | ':' | ';' | '|' | '!' | '\'' | '`' => 0.32,
        'f' | 't' | 'r' | ' ' | '(' | ')' | '[' | ']' | '{' | '}' | '/' | '\\' | '-' | '"' | '*' => 0.40,
        'm' | 'w' | 'M' | 'W' | '@' | '%' | '—' | '…' => 0.95,
        'A'..='Z' | '&' | '+' | '<' | '>' | '=' | '~' | '#' => 0.74,
        '\u{300}'..='\u{36f}' | '\u{200b}'..='\u{200f}' => 0.0,
        '\u{1100}'..='\u{115f}'
        | '\u{2e80}'..='\u{a4cf}'
        | '\u{ac00}'..='\u{d7a3}'
        | '\u{f900}'..='\u{faff}'
        | '\u{fe30}'..='\u{fe6f}'
        | '\u{ff00}'..='\u{ffe6}'
        | '\u{1f000}'..='\u{3ffff}' => 1.05,
        c if c.is_uppercase() => 0.76,
        _ => 0.60,
    }
}
