//! Validation of values in `canon.toml` that have the right type but are not usable: URLs, language tags, colours,
//! patterns. Knows the typed configuration and its text, for the position of each error; no file and no rule.

use super::{Config, ConfigError, languages};
use crate::config::schema::{Field, Kind};
use crate::text::slug::nearest;
use std::ops::Range;
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
        ConfigError::new(text, self.range(text).unwrap_or(0..0), self.message)
    }

    /// The bytes of the value, or of the key if `is_key`. `None` if `path` does not exist in the text.
    fn range(&self, text: &str) -> Option<Range<usize>> {
        let (root, _) = DeTable::parse_recoverable(text);
        let mut place = root.span();
        let root = DeValue::Table(root.into_inner());
        let mut value = &root;
        for (i, step) in self.path.iter().enumerate() {
            let (key, next) = match value {
                DeValue::Table(table) => {
                    let (key, next) = table.iter().find(|(key, _)| key.get_ref() == step)?;
                    (key.span(), next)
                }
                DeValue::Array(list) => {
                    let next = list.get(step.parse::<usize>().ok()?)?;
                    (next.span(), next)
                }
                // A step into a scalar: report the scalar itself.
                _ => return Some(place),
            };
            place = if self.is_key && i + 1 == self.path.len() { key } else { next.span() };
            value = next.get_ref();
        }
        Some(place)
    }
}

/// The mistakes in the values of all keys; without `known_rules`, ids of rules are not checked.
pub(super) fn faults(config: &Config, text: &str, known_rules: Option<&[&str]>) -> Vec<ConfigError> {
    let mut faults = Vec::new();
    let mut scalar = |path: &[&str], fault: Option<String>| {
        faults.extend(fault.map(|message| Fault::new(path, message)));
    };
    scalar(&["base_url"], base_url_fault(&config.base_url).map(|fault| format!("`base_url` {fault}")));
    scalar(&["language"], languages::fault(&config.language));
    scalar(&["edit_url"], edit_url_fault(&config.edit_url));
    scalar(&["theme", "accent"], colour_fault(&config.theme.accent));
    scalar(&["theme", "logo"], theme_file_fault(&config.theme.logo));
    faults.extend(items(&["theme", "extra_css"], &config.theme.extra_css, theme_file_fault));
    faults.extend(items(&["theme", "extra_js"], &config.theme.extra_js, theme_file_fault));
    faults.extend(items(&["site", "order"], &config.site.order, order_fault));
    faults.extend(link_faults(config));
    faults.extend(items(&["schemes"], &config.schemes, scheme_fault));
    faults.extend(items(&["ignore"], &config.ignore, glob_fault));
    faults.extend(items(&["pages"], &config.pages, glob_fault));
    let paths = config.check.paths.iter().map(|entry| &entry.glob);
    faults.extend(globs_of(&["check", "paths"], paths));
    faults.extend(globs_of(&["schema", "folders"], config.schema.folders.iter().map(|folder| &folder.glob)));
    faults.extend(items(&["external", "include"], &config.external.include, pattern_fault));
    faults.extend(items(&["external", "exclude"], &config.external.exclude, pattern_fault));
    faults.extend(config.schema.fields.iter().filter_map(|(name, field)| field_fault(name, field)));
    faults.extend(known_rules.into_iter().flat_map(|known| unknown_rules(config, known)));
    faults.into_iter().map(|fault| fault.with_position(text)).collect()
}

/// The faults of the items of a list.
fn items(path: &[&str], list: &[String], fault: fn(&str) -> Option<String>) -> Vec<Fault> {
    let faulty = list.iter().enumerate().filter_map(|(i, item)| Some((i, fault(item)?)));
    faulty.map(|(i, message)| Fault::new(&[path, &[&i.to_string()]].concat(), message)).collect()
}

/// The faults of the globs of a list of sections.
fn globs_of<'a>(path: &[&str], globs: impl Iterator<Item = &'a String>) -> Vec<Fault> {
    let faulty = globs.enumerate().filter_map(|(i, glob)| Some((i, glob_fault(glob)?)));
    faulty.map(|(i, message)| Fault::new(&[path, &[&i.to_string(), "glob"]].concat(), message)).collect()
}

/// The unknown ids of rules.
fn unknown_rules(config: &Config, known: &[&str]) -> Vec<Fault> {
    let own = config.check.rules.keys().map(|id| (vec!["check".to_string(), "rules".into(), id.clone()], id));
    let by_path = config.check.paths.iter().enumerate().flat_map(|(i, entry)| {
        let path = move |id: &String| vec!["check".into(), "paths".into(), i.to_string(), "rules".into(), id.clone()];
        entry.rules.keys().map(move |id| (path(id), id))
    });
    let unknown = own.chain(by_path).filter(|(_, id)| !known.contains(&id.as_str()));
    let fault = |(path, id): (Vec<String>, &String)| {
        let message = match nearest(id, known.iter().copied()) {
            Some(near) => format!("unknown rule `{id}`; did you mean `{near}`?"),
            None => format!("unknown rule `{id}`; `canon rules` lists all rules"),
        };
        Fault { path, is_key: true, message }
    };
    unknown.map(fault).collect()
}

/// The faults of the links in the header.
fn link_faults(config: &Config) -> Vec<Fault> {
    let mut faults = Vec::new();
    for (i, link) in config.site.links.iter().enumerate() {
        let place = i.to_string();
        let mut add = |key: &str, message: String| faults.push(Fault::new(&["site", "links", &place, key], message));
        if link.text.trim().is_empty() {
            add("text", "`text` is empty; write the words of the link, such as `Repository`".into());
        }
        let url = &link.url;
        let is_known = |scheme: String| config.schemes.contains(&scheme);
        if url.trim().is_empty() || url.contains(char::is_control) || url.starts_with("//") {
            let remedy = "write one such as `https://example.org`, or a path from the root of the site: `about.html`";
            add("url", format!("`url` is `{url}`, which is not an address; {remedy}"));
        } else if !link.scheme().is_none_or(is_known) {
            add("url", format!("`url` is `{url}`, which begins with none of the `schemes` of this file"));
        }
    }
    faults
}

/// The problem with a path in the order of the tree.
fn order_fault(path: &str) -> Option<String> {
    let name = path.trim_matches('/');
    let is_outside = name.is_empty() || name.contains('\\') || name.split('/').any(|part| matches!(part, "." | ".."));
    is_outside.then(|| {
        format!("`{path}` is not the path of a folder or note; write it from the content folder: `databases/acid`")
    })
}

fn glob_fault(glob: &str) -> Option<String> {
    let error = globset::Glob::new(glob).err()?;
    Some(format!("`{glob}` is not a pattern of paths: {}", error.kind()))
}

fn theme_file_fault(file: &str) -> Option<String> {
    // `:` excludes `https:` and Windows drives; `//` excludes URLs without a scheme.
    let is_elsewhere =
        file.contains("//") || file.starts_with('/') || file.contains(':') || file.split('/').any(|p| p == "..");
    is_elsewhere.then(|| {
        format!("`{file}` must be the path of a file in the static folder: pages load no files from other sites")
    })
}

/// The problem with a URL scheme (RFC 3986, section 3.1).
fn scheme_fault(scheme: &str) -> Option<String> {
    let name = scheme.split([':', '/']).next().unwrap_or_default().to_ascii_lowercase();
    // A browser runs the text of such a link as a program, or shows it as a page of this site.
    if ["javascript", "vbscript", "data", "blob"].contains(&name.as_str()) {
        return Some(format!("`{scheme}` cannot be allowed: such a link runs a program in the page"));
    }
    let mut letters = scheme.chars();
    let is_valid = letters.next().is_some_and(|c| c.is_ascii_lowercase())
        && letters.all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || "+-.".contains(c));
    let remedy = if name.is_empty() { "https" } else { &name };
    (!is_valid).then(|| {
        format!(
            "`{scheme}` is not the beginning of an address; write it in lower case and without `:`, such as `{remedy}`"
        )
    })
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

fn field_fault(name: &str, field: &Field) -> Option<Fault> {
    let fault = |key: &str, message: String| Fault::new(&["schema", "fields", name, key], message);
    // `SchemaConfig::resolve` adds the types of the schema to the values of the field `type`.
    if field.kind == Kind::Enum && field.values.is_empty() && name != "type" {
        return Some(fault("kind", format!("`{name}` is an enum without values; write `values = [\"a\", \"b\"]`")));
    }
    let is_regex = !matches!(field.pattern.as_str(), "" | "kebab-case");
    let message = is_regex.then(|| pattern_fault(&field.pattern)).flatten()?;
    Some(fault("pattern", message))
}
