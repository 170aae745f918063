//! Pictures that may not come from elsewhere: their words stay, and the way to them.

use super::{Policy, good_address, good_media, is_refused};
use crate::text::html_escape::escaped;
use crate::text::html_tags::Tag;
use std::borrow::Cow;

/// The address of a picture that may not come from where it is.
pub(super) fn remote<'t>(tag: &'t Tag, policy: &Policy) -> Option<Cow<'t, str>> {
    let is_picture = tag.name == "img" && !tag.closes && !is_refused(tag);
    let src = tag.attributes.iter().find(|own| is_picture && own.name == "src" && !own.repeated)?.decoded();
    (!good_media(&src, policy)).then_some(src)
}

/// Writes a link to a picture, or its words where it is in a link.
pub(super) fn push(tag: &Tag, src: &str, in_link: bool, policy: &Policy, kept: &mut String) {
    let alt = tag.attributes.iter().find(|own| own.name == "alt" && !own.repeated).map(|own| own.decoded());
    let alt = alt.as_deref().map(str::trim).unwrap_or_default();
    let linked = !in_link && good_address(src, &policy.schemes);
    let words = match alt {
        "" if linked => src,
        "" => &policy.picture,
        alt => alt,
    };
    if linked {
        kept.push_str(&format!("<a rel=\"external noopener\" href=\"{}\">", escaped(src)));
    }
    // An empty comment keeps what is before apart from what is behind, as for tags.
    kept.push_str("<!---->");
    kept.push_str(&escaped(words));
    kept.push_str(if linked { "</a>" } else { "<!---->" });
}
