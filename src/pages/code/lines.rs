//! Elements around the lines of a code block: marked, added, removed and numbered lines.

use super::Info;
use std::fmt::Write as _;

/// What a line is, by the fence or, in a diff, by its first character.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Marked,
    Inserted,
    Deleted,
    Ordinary,
}

impl Kind {
    /// The element and its class.
    fn element(self) -> (&'static str, &'static str) {
        match self {
            Kind::Marked => ("mark", "line-mark"),
            Kind::Inserted => ("ins", "line-inserted"),
            Kind::Deleted => ("del", "line-deleted"),
            Kind::Ordinary => ("span", "line"),
        }
    }
}

/// Wraps the lines of `html` that `info` or the signs of a diff tell apart. `None` if there are none, so that `html` stays
/// as it is.
///
/// `html` must have one line per line of `code`, and no element may extend over a line end. The result of
/// [`super::highlight`] and escaped text both satisfy this.
pub(crate) fn wrap_lines(html: &str, code: &str, info: &Info) -> Option<String> {
    // Numbers and marks help to read; larger blocks are not for reading, and a line of one byte would become forty.
    if code.len() > super::MAX_CODE {
        return None;
    }
    let is_diff = super::language_label(&info.language) == Some("Diff");
    let first = info.first_number();
    let asks_for_lines = [&info.marked, &info.inserted, &info.deleted].iter().any(|lines| !lines.is_empty());
    if !asks_for_lines && first.is_none() && !(is_diff && code.lines().any(|line| sign(line) != Kind::Ordinary)) {
        return None;
    }
    let last = first.map_or(0, |first| first + code.lines().count().saturating_sub(1));
    let width = last.to_string().len();
    let mut wrapped = String::with_capacity(html.len() * 2);
    for (index, (line, code)) in html.split_inclusive('\n').zip(code.split('\n')).enumerate() {
        let kind = if info.deleted.contain(index + 1) {
            Kind::Deleted
        } else if info.inserted.contain(index + 1) {
            Kind::Inserted
        } else if info.marked.contain(index + 1) {
            Kind::Marked
        } else if is_diff {
            sign(code)
        } else {
            Kind::Ordinary
        };
        let (element, class) = kind.element();
        match first {
            // The number is padded here, because its column has no width of its own.
            Some(first) => {
                let number = first + index;
                let _ =
                    write!(wrapped, "<{element} class=\"{class}\" data-line=\"{number:>width$}\">{line}</{element}>");
            }
            None if kind == Kind::Ordinary => wrapped.push_str(line),
            None => {
                let _ = write!(wrapped, "<{element} class=\"{class}\">{line}</{element}>");
            }
        }
    }
    Some(wrapped)
}

/// What the sign at the start of a line of a diff says. The names of the files (`+++ b/x`) are ordinary lines.
fn sign(line: &str) -> Kind {
    match line.as_bytes() {
        [b'+', b'+', b'+', b' ', ..] | [b'-', b'-', b'-', b' ', ..] => Kind::Ordinary,
        [b'+', ..] => Kind::Inserted,
        [b'-', ..] => Kind::Deleted,
        _ => Kind::Ordinary,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CODE: &str = "fn a() {}\nfn b() {}\n\nfn c() {}";

    fn wrapped(info: &str) -> String {
        wrap_lines(CODE, CODE, &Info::parse(info)).expect("lines of their own")
    }

    #[test]
    fn marked_lines_are_wrapped_whole() {
        let marked = wrapped("rust {2}");
        assert_eq!(marked, "fn a() {}\n<mark class=\"line-mark\">fn b() {}\n</mark>\nfn c() {}");
        assert_eq!(wrap_lines(CODE, CODE, &Info::parse("rust title=\"x.rs\"")), None);
    }

    #[test]
    fn added_and_removed_lines_win_over_marks() {
        let lines = wrapped("rust {1-4} ins={2} del={3}");
        assert!(
            lines.starts_with("<mark class=\"line-mark\">fn a() {}\n</mark><ins class=\"line-inserted\">fn b() {}\n")
        );
        assert!(lines.contains("</ins><del class=\"line-deleted\">\n</del><mark"), "{lines}");
    }

    #[test]
    fn numbers_have_the_width_of_the_last() {
        let lines = wrapped("rust showLineNumbers=8 {2}");
        let starts: Vec<&str> = lines.split('<').filter(|part| part.contains("data-line")).collect();
        assert_eq!(starts.len(), 4, "{lines}");
        assert!(starts[0].starts_with("span class=\"line\" data-line=\" 8\">fn a"), "{lines}");
        assert!(starts[1].starts_with("mark class=\"line-mark\" data-line=\" 9\">fn b"), "{lines}");
        assert!(starts[3].starts_with("span class=\"line\" data-line=\"11\">fn c"), "{lines}");
    }

    #[test]
    fn the_signs_of_a_diff_tell_its_lines_apart() {
        let diff = "--- a/x\n+++ b/x\n@@ -1 +1 @@\n-old\n+new\n same";
        let lines = wrap_lines(diff, diff, &Info::parse("diff")).expect("a diff");
        assert_eq!((lines.matches("<ins").count(), lines.matches("<del").count()), (1, 1), "{lines}");
        assert!(lines.contains("<del class=\"line-deleted\">-old\n</del><ins class=\"line-inserted\">+new\n</ins>"));
        let quiet = " a\n b";
        assert_eq!(wrap_lines(quiet, quiet, &Info::parse("diff")), None);
        assert_eq!(wrap_lines(diff, diff, &Info::parse("text")), None);
        let large = "\n".repeat(40_000);
        assert_eq!(wrap_lines(&large, &large, &Info::parse("text showLineNumbers")), None);
    }
}
