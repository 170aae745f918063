//! Language tags: BCP 47, and the languages with a code of two letters. Knows no interface texts.

/// The codes of two letters (ISO 639-1).
const CODES: &str = "aa ab ae af ak am an ar as av ay az ba be bg bh bi bm bn bo br bs ca ce ch co cr cs cu cv cy da de \
dv dz ee el en eo es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz ia id \
ie ig ii ik io is it iu ja jv ka kg ki kj kk kl km kn ko kr ks ku kv kw ky la lb lg li ln lo lt lu \
lv mg mh mi mk ml mn mr ms mt my na nb nd ne ng nl nn no nr nv ny oc oj om or os pa pi pl ps pt qu \
rm rn ro ru rw sa sc sd se sg sh si sk sl sm sn so sq sr ss st su sv sw ta te tg th ti tk tl tn to \
tr ts tt tw ty ug uk ur uz ve vi vo wa wo xh yi yo za zh zu";

/// Names that are written in place of a code.
const NAMES: &[(&str, &str)] = &[
    ("arabic", "ar"),
    ("chinese", "zh"),
    ("deutsch", "de"),
    ("dutch", "nl"),
    ("english", "en"),
    ("español", "es"),
    ("espanol", "es"),
    ("français", "fr"),
    ("francais", "fr"),
    ("french", "fr"),
    ("german", "de"),
    ("italian", "it"),
    ("italiano", "it"),
    ("japanese", "ja"),
    ("polish", "pl"),
    ("portuguese", "pt"),
    ("português", "pt"),
    ("russian", "ru"),
    ("spanish", "es"),
];

/// Languages that are written from right to left.
const RIGHT_TO_LEFT: &[&str] = &["ar", "arc", "ckb", "dv", "fa", "he", "iw", "ps", "sd", "syr", "ug", "ur", "yi"];

/// Whether a language is written from right to left, by its tag.
pub(crate) fn is_right_to_left(tag: &str) -> bool {
    let primary = tag.split(['-', '_']).next().unwrap_or_default().to_ascii_lowercase();
    RIGHT_TO_LEFT.contains(&&*primary)
}

/// The problem with a language tag, with the tag to write. `None` if it is valid.
pub(super) fn fault(tag: &str) -> Option<String> {
    if is_known(tag) {
        return None;
    }
    let with_hyphens = tag.replace('_', "-");
    let named = NAMES.iter().find(|(name, _)| *name == tag.to_lowercase()).map(|(_, code)| (*code).to_string());
    let remedy = named.or_else(|| is_known(&with_hyphens).then_some(with_hyphens)).unwrap_or_else(|| "en".into());
    Some(format!("`language` is `{tag}`, which is not the code of a language; write one such as `{remedy}`"))
}

/// Whether a tag is well-formed, and its language exists if it has two letters. No language has a code of more than three.
fn is_known(tag: &str) -> bool {
    let language = tag.split('-').next().unwrap_or_default().to_ascii_lowercase();
    let exists = match language.len() {
        2 => CODES.split(' ').any(|code| code == language),
        length => length <= 3,
    };
    exists && is_language_tag(tag)
}

/// Whether a tag is well-formed by BCP 47 (RFC 5646, section 2.1): language, script, region, variants, extensions,
/// private use. The registry of subtags is not consulted.
fn is_language_tag(tag: &str) -> bool {
    let mut parts = tag.split('-').peekable();
    let letters = |part: &str| part.bytes().all(|b| b.is_ascii_alphabetic());
    let digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    if tag.split('-').any(|p| p.is_empty() || p.len() > 8 || !p.bytes().all(|b| b.is_ascii_alphanumeric())) {
        return false;
    }
    let first = parts.next().unwrap_or_default();
    if first.eq_ignore_ascii_case("x") {
        return parts.next().is_some();
    }
    if !letters(first) || !matches!(first.len(), 2..=3 | 5..=8) {
        return false;
    }
    // Up to three extended language subtags, only after a language of two or three letters.
    for _ in 0..3 {
        parts.next_if(|p| first.len() <= 3 && p.len() == 3 && letters(p));
    }
    // The script, then the region, then the variants.
    parts.next_if(|p| p.len() == 4 && letters(p));
    parts.next_if(|p| p.len() == 2 && letters(p) || p.len() == 3 && digits(p));
    while parts.next_if(|p| p.len() >= 5 || p.len() == 4 && digits(&p[..1])).is_some() {}
    // The rest are extensions: a single letter or digit, then its subtags of at least two characters, or one after `x`.
    while let Some(single) = parts.next() {
        let least = if single.eq_ignore_ascii_case("x") { 1 } else { 2 };
        if single.len() != 1 || parts.next_if(|p| p.len() >= least).is_none() {
            return false;
        }
        while parts.next_if(|p| p.len() >= least).is_some() {}
    }
    true
}
