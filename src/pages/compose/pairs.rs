//! Selects pairs of short consecutive sections for a row of two columns. Reads only their HTML. The width of a row is
//! left to the style sheet.

use crate::pages::views::{Layout, Pair, SectionView};
use crate::text::html_tags::{Syntax, Token, tokens};

/// Marks pairs of consecutive short sections.
pub(super) fn pair_up(sections: &mut [SectionView]) {
    let mut rest = sections;
    while let [first, second, ..] = rest {
        let both = is_short(first) && is_short(second) || is_practice(first, second);
        if both {
            (first.pair, second.pair) = (Pair::First, Pair::Second);
        }
        rest = &mut std::mem::take(&mut rest)[if both { 2 } else { 1 }..];
    }
}

/// Whether two sections are questions and a checklist, which are used together.
fn is_practice(first: &SectionView, second: &SectionView) -> bool {
    const MOST: usize = 8;
    let bare = |s: &SectionView| s.children.is_empty() && s.html.is_empty() && s.cards.len() + s.checks.len() <= MOST;
    first.layout == Layout::Cards && second.layout == Layout::Checklist && bare(first) && bare(second)
}

/// Whether a section is readable in half of the column: text and lists of a few lines, without wide content.
fn is_short(section: &SectionView) -> bool {
    const LETTERS: usize = 400;
    let plain = matches!(section.layout, Layout::Prose | Layout::AntiPatterns) && section.children.is_empty();
    let mut pieces = vec![&section.html, &section.after_html];
    pieces.extend(section.anti_patterns.iter().flat_map(|a| [&a.html, &a.why_html, &a.better_html]));
    let wide = |html: &&String| {
        ["<pre", "<table", "<img", "<svg", "<math", "class=\"callout"].iter().any(|w| html.contains(w))
    };
    // Stops at the limit: most sections are much longer.
    let mut left = LETTERS;
    let mut takes = |html: &String| {
        tokens(html, Syntax::Fragment).all(|part| match part {
            Token::Text(range) => left.checked_sub(range.len()).map(|rest| left = rest).is_some(),
            _ => true,
        })
    };
    plain && !pieces.iter().any(wide) && pieces.into_iter().all(&mut takes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn section(html: &str) -> SectionView {
        SectionView { html: html.into(), ..SectionView::default() }
    }

    fn paired(htmls: &[&str]) -> Vec<Pair> {
        let mut sections: Vec<_> = htmls.iter().map(|h| section(h)).collect();
        pair_up(&mut sections);
        sections.iter().map(|s| s.pair).collect()
    }

    #[test]
    fn short_neighbours_share_a_row_two_by_two() {
        use Pair::{Alone, First, Second};
        let long = format!("<p>{}</p>", "word ".repeat(100));
        assert_eq!(paired(&[]), []);
        assert_eq!(paired(&["<p>a</p>"]), [Alone]);
        assert_eq!(paired(&["<p>a</p>", "<p>b</p>", "<p>c</p>"]), [First, Second, Alone]);
        assert_eq!(paired(&["<p>a</p>", &long, "<p>b</p>", "<p>c</p>"]), [Alone, Alone, First, Second]);
        assert_eq!(paired(&["<p>a</p>", "<pre>b</pre>", "<table></table>", "<p>c</p>"]), [Alone; 4]);
    }

    #[test]
    fn questions_share_a_row_with_the_checklist_after_them() {
        let of = |layout| SectionView { layout, ..SectionView::default() };
        let mut sections = vec![section("a"), of(Layout::Cards), of(Layout::Checklist)];
        pair_up(&mut sections);
        assert_eq!(sections.iter().map(|s| s.pair).collect::<Vec<_>>(), [Pair::Alone, Pair::First, Pair::Second]);
    }

    #[test]
    fn markup_does_not_count_as_text_and_what_has_children_stands_alone() {
        let links = "<a class=\"note\" href=\"a-long-address/of-a-note.html\">x</a> ".repeat(20);
        assert_eq!(paired(&[&links, "<p>b</p>"]), [Pair::First, Pair::Second]);
        let mut sections = vec![section("a"), section("b")];
        sections[0].children.push(section("c"));
        pair_up(&mut sections);
        assert_eq!(sections[1].pair, Pair::Alone);
    }
}
