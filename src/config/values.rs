//! Validation of values in `canon.toml` that have the right type but are not usable: URLs, language tags, colours,
//! patterns. Knows the typed configuration and its text, for the position of each error; no file and no rule.

use super::{Config, ConfigError};
use crate::config::schema::Kind;
use crate::text::slug::nearest;
use toml::de::{DeTable, DeValue};
use url::Url;

/// An invalid value.
struct Fault {
    /// The keys and list indexes that lead to the value.
    path: Vec<String>,
    /// Whether the last key is invalid, not its value.
    is_key: bool,
    /// The problem and the remedy, in one sentence.
    message: String,
}

impl Fault {
    fn new(path: &[&str], message: String) -> Fault {
        Fault { path: path.iter().map(|step| step.to_string()).collect(), is_key: false, message }
    }

    /// The error with the position of the value in the text.
    fn with_position(self, text: &str) -> ConfigError {
        let start = self.offset(text).unwrap_or(0);
        let position = crate::text::source::LineIndex::new(text).position(start as u32);
        ConfigError { message: self.message, line: position.line, column: position.column }
    }

    /// The byte offset of the value, or of the key if `is_key`. `None` if `path` does not exist in the text.
    fn offset(&self, text: &str) -> Option<usize> {
        let root = DeTable::parse(text).ok()?;
        let mut place = root.span().start;
        let root = DeValue::Table(root.into_inner());
        let mut value = &root;
        for (i, step) in self.path.iter().enumerate() {
            let (key, next) = match value {
                DeValue::Table(table) => {
                    let (key, next) = table.iter().find(|(key, _)| key.get_ref() == step)?;
                    (key.span().start, next)
                }
                DeValue::Array(list) => {
                    let next = list.get(step.parse::<usize>().ok()?)?;
                    (next.span().start, next)
                }
                // A step into a scalar: report the scalar itself.
                _ => return Some(place),
            };
            place = if self.is_key && i + 1 == self.path.len() { key } else { next.span().start };
            value = next.get_ref();
        }
        Some(place)
    }
}

/// Checks the values of all keys and reports the first invalid one.
pub(super) fn validate(config: &Config, text: &str) -> Result<(), ConfigError> {
    let scalar = |key: &str, fault: Option<String>| fault.map(|message| Fault::new(&[key], message));
    let theme = |fault: Option<String>| fault.map(|message| Fault::new(&["theme", "accent"], message));
    let fault = scalar("base_url", base_url_fault(&config.base_url).map(|fault| format!("`base_url` {fault}")))
        .or_else(|| scalar("language", language_fault(&config.language)))
        .or_else(|| scalar("edit_url", edit_url_fault(&config.edit_url)))
        .or_else(|| theme(colour_fault(&config.theme.accent)))
        .or_else(|| address_patterns(config))
        .or_else(|| fields(config));
    fault.map_or(Ok(()), |fault| Err(fault.with_position(text)))
}

/// Checks that all rule ids are known and reports the first unknown one.
pub(super) fn validate_rules(config: &Config, text: &str, known: &[&str]) -> Result<(), ConfigError> {
    let own = config.check.rules.keys().map(|id| (vec!["check".to_string(), "rules".into(), id.clone()], id));
    let by_path = config.check.paths.iter().enumerate().flat_map(|(i, entry)| {
        let path = move |id: &String| vec!["check".into(), "paths".into(), i.to_string(), "rules".into(), id.clone()];
        entry.rules.keys().map(move |id| (path(id), id))
    });
    let Some((path, id)) = own.chain(by_path).find(|(_, id)| !known.contains(&id.as_str())) else { return Ok(()) };
    let message = match nearest(id, known.iter().copied()) {
        Some(near) => format!("unknown rule `{id}`; did you mean `{near}`?"),
        None => format!("unknown rule `{id}`; `canon rules` lists all rules"),
    };
    Err(Fault { path, is_key: true, message }.with_position(text))
}

/// The problem with a `base_url`, as the end of a sentence. `None` if it is valid or empty.
pub(crate) fn base_url_fault(address: &str) -> Option<String> {
    let whole = is_web_address(address) && !address.contains(['?', '#']);
    (!address.is_empty() && !whole).then(|| {
        format!(
            "is `{address}`, which is not a complete URL of a site; write it without `?` and `#`: `https://example.org/notes/`"
        )
    })
}

fn edit_url_fault(address: &str) -> Option<String> {
    let whole = address.contains("{path}") && is_web_address(&address.replace("{path}", "x"));
    (!address.is_empty() && !whole).then(|| {
        format!(
            "`edit_url` is `{address}`, which is not a complete URL with `{{path}}`; write one such as `https://example.org/edit/main/{{path}}`"
        )
    })
}

fn is_web_address(address: &str) -> bool {
    let lower = address.to_ascii_lowercase();
    (lower.starts_with("http://") || lower.starts_with("https://"))
        && !address.contains(char::is_whitespace)
        && Url::parse(address).is_ok_and(|url| url.has_host())
}

fn language_fault(tag: &str) -> Option<String> {
    if is_language_tag(tag) {
        return None;
    }
    let remedy = tag.replace('_', "-");
    let remedy = if is_language_tag(&remedy) { remedy } else { "en".into() };
    Some(format!("`language` is `{tag}`, which is not a BCP 47 tag; write one such as `{remedy}`"))
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

fn colour_fault(colour: &str) -> Option<String> {
    let fine = colour.is_empty() || is_colour(&colour.trim().to_ascii_lowercase());
    (!fine).then(|| {
        let near = nearest(colour, COLOURS.split(' ')).unwrap_or("#0b6b7a");
        format!("`accent` is `{colour}`, which is not a CSS colour; write one such as `{near}`")
    })
}

/// Whether `colour`, in lower case, is a CSS colour that cannot end the declaration it is written into.
fn is_colour(colour: &str) -> bool {
    if let Some(digits) = colour.strip_prefix('#') {
        return matches!(digits.len(), 3 | 4 | 6 | 8) && digits.bytes().all(|b| b.is_ascii_hexdigit());
    }
    match colour.split_once('(') {
        Some((function, rest)) => {
            let inner = rest.strip_suffix(')').unwrap_or_default();
            let is_plain = |c: char| c.is_ascii_alphanumeric() || " .,%/+-#".contains(c);
            COLOUR_FUNCTIONS.contains(&function) && !inner.trim().is_empty() && inner.chars().all(is_plain)
        }
        None => COLOURS.split(' ').any(|name| name == colour),
    }
}

const COLOUR_FUNCTIONS: &[&str] =
    &["rgb", "rgba", "hsl", "hsla", "hwb", "lab", "lch", "oklab", "oklch", "color", "color-mix"];

/// The named colours of CSS.
const COLOURS: &str = "aliceblue antiquewhite aqua aquamarine azure beige bisque black blanchedalmond blue blueviolet \
brown burlywood cadetblue chartreuse chocolate coral cornflowerblue cornsilk crimson cyan darkblue darkcyan \
darkgoldenrod darkgray darkgreen darkgrey darkkhaki darkmagenta darkolivegreen darkorange darkorchid darkred darksalmon \
darkseagreen darkslateblue darkslategray darkslategrey darkturquoise darkviolet deeppink deepskyblue dimgray dimgrey \
dodgerblue firebrick floralwhite forestgreen fuchsia gainsboro ghostwhite gold goldenrod gray green greenyellow grey \
honeydew hotpink indianred indigo ivory khaki lavender lavenderblush lawngreen lemonchiffon lightblue lightcoral \
lightcyan lightgoldenrodyellow lightgray lightgreen lightgrey lightpink lightsalmon lightseagreen lightskyblue \
lightslategray lightslategrey lightsteelblue lightyellow lime limegreen linen magenta maroon mediumaquamarine mediumblue \
mediumorchid mediumpurple mediumseagreen mediumslateblue mediumspringgreen mediumturquoise mediumvioletred midnightblue \
mintcream mistyrose moccasin navajowhite navy oldlace olive olivedrab orange orangered orchid palegoldenrod palegreen \
paleturquoise palevioletred papayawhip peachpuff peru pink plum powderblue purple rebeccapurple red rosybrown royalblue \
saddlebrown salmon sandybrown seagreen seashell sienna silver skyblue slateblue slategray slategrey snow springgreen \
steelblue tan teal thistle tomato turquoise violet wheat white whitesmoke yellow yellowgreen";

/// The problem with a regular expression, in a few words. `None` if it is valid.
fn pattern_fault(pattern: &str) -> Option<String> {
    let error = regex::Regex::new(pattern).err()?.to_string();
    // The last line of a `regex` error names the problem; the lines before it draw the position.
    let why = error.lines().last().unwrap_or_default().trim_start_matches("error: ");
    Some(format!("`{pattern}` is not a pattern: {why}; put `\\` before a special character to match it literally"))
}

fn address_patterns(config: &Config) -> Option<Fault> {
    let lists = [("include", &config.external.include), ("exclude", &config.external.exclude)];
    lists.into_iter().find_map(|(key, list)| {
        let faulty = |(i, pattern): (usize, &String)| Some((i, pattern_fault(pattern)?));
        let (i, message) = list.iter().enumerate().find_map(faulty)?;
        Some(Fault::new(&["external", key, &i.to_string()], message))
    })
}

fn fields(config: &Config) -> Option<Fault> {
    config.schema.fields.iter().find_map(|(name, field)| {
        let path = |key: &str| ["schema".to_string(), "fields".into(), name.clone(), key.into()];
        let fault = |key: &str, message: String| Fault { path: path(key).to_vec(), is_key: false, message };
        // `SchemaConfig::resolve` adds the types of the schema to the values of the field `type`.
        if field.kind == Kind::Enum && field.values.is_empty() && name != "type" {
            return Some(fault("kind", format!("`{name}` is an enum without values; write `values = [\"a\", \"b\"]`")));
        }
        let is_regex = !matches!(field.pattern.as_str(), "" | "kebab-case");
        let message = is_regex.then(|| pattern_fault(&field.pattern)).flatten()?;
        Some(fault("pattern", message))
    })
}
