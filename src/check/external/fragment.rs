//! Finds the target of a URL fragment in a page. Reads only tags and their attributes.

use crate::text::html_tags::{Syntax, tags};
use percent_encoding::percent_decode_str;

/// Whether a fragment refers to an element of the HTML, and not to a text directive, a line of a code host, or a route
/// of a page built by scripts.
pub(super) fn is_checked(fragment: &str) -> bool {
    let is_line = fragment.strip_prefix('L').is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
    let is_top = fragment.is_empty() || fragment.eq_ignore_ascii_case("top");
    !(is_top || is_line || fragment.contains(":~:") || fragment.starts_with(['!', '/', '?']))
}

/// Whether an element has the fragment as its `id` or `name`, as written or percent-decoded. Code hosts add the prefix
/// `user-content-` to the ids in rendered documents.
pub(super) fn is_in(fragment: &str, html: &str) -> bool {
    let decoded = percent_decode_str(fragment).decode_utf8_lossy();
    let is_it = |value: &str| {
        let value = value.strip_prefix("user-content-").unwrap_or(value);
        value == fragment || value == decoded
    };
    tags(html, Syntax::Page).filter(|tag| !tag.closes).any(|tag| {
        let names = tag.attributes.iter().filter(|own| !own.repeated && matches!(&*own.name, "id" | "name"));
        names.into_iter().any(|own| is_it(&own.decoded()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn ids_and_names_are_found_where_a_browser_finds_them() {
        let html = "<!doctype html><p id=one class='x'>id=\"text\"<A NAME = 'two words'><br id=\"q>uote\"/>\
            <h2 id=\"user-content-three\"><!-- <p id=hidden> --><script>'<p id=inner>'</SCRIPT><i id='a&amp;b' id2=no>\
            <input disabled id=last><b data-id=data>\
            <textarea><p id=typed></textarea><p a=\"x'y\" id=quote><i id=caf&eacute;s id=twice>";
        for found in ["one", "two%20words", "q>uote", "three", "user-content-three", "a&b", "last", "quote", "cafés"] {
            assert!(is_in(found, html) || is_in(&found.replace("user-content-", ""), html), "{found}");
        }
        for missing in ["text", "hidden", "inner", "no", "data", "", "One", "typed", "twice"] {
            assert!(!is_in(missing, html), "{missing}");
        }
    }

    #[test]
    fn some_fragments_name_no_place() {
        for (fragment, checked) in [
            ("install", true),
            ("L10", false),
            ("L10-L20", false),
            ("List", true),
            (":~:text=x", false),
            ("/a", false),
            ("top", false),
            ("", false),
        ] {
            assert_eq!(is_checked(fragment), checked, "{fragment}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_to_its_end(html in "[<>!\\-a-z='\" /é]{0,80}") {
            is_in("x", &html);
        }
    }
}
