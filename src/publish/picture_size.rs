//! The width and height of pictures, from the first bytes of their files: browsers keep their place free before they arrive.

use crate::system::disk::{self, DiskFile};
use crate::text::html_tags::{Syntax, Tag, tags};
use std::io::{self, Read};

/// How far into an SVG file its root element is searched, in bytes: behind comments and a document type.
const SVG_HEAD: u64 = 64 * 1024;
/// The maximum width and height of an SVG in pixels. A larger value is a mistake, or meant to be one.
const MAX_SIDE: f64 = 65_535.0;

/// The width and height of an image in CSS pixels. `None` if the file cannot be read, or does not say it.
pub(super) fn picture_size(picture: &DiskFile) -> io::Result<Option<(u32, u32)>> {
    let Some((file, _)) = disk::unless_of_machine(picture.open())? else { return Ok(None) };
    let is_svg = picture.path().extension().is_some_and(|extension| extension.eq_ignore_ascii_case("svg"));
    if is_svg {
        let mut head = Vec::new();
        return match file.take(SVG_HEAD).read_to_end(&mut head) {
            Err(error) if disk::is_of_machine(&error) => Err(error),
            Err(_) => Ok(None),
            Ok(_) => Ok(svg_size(&String::from_utf8_lossy(&head))),
        };
    }
    match imagesize::reader_size(io::BufReader::new(file)) {
        Err(imagesize::ImageError::IoError(error)) if disk::is_of_machine(&error) => Err(error),
        Err(_) => Ok(None),
        Ok(size) => Ok(Some((size.width as u32, size.height as u32))),
    }
}

/// The size of an SVG by the rules of browsers: `width` and `height`, and the proportions of `viewBox` for a side that is
/// missing or a percentage.
fn svg_size(svg: &str) -> Option<(u32, u32)> {
    let root = tags(svg, Syntax::Xml).find(|tag| !tag.closes)?;
    if root.name.rsplit(':').next() != Some("svg") {
        return None;
    }
    let side = |name| root.value(name).and_then(|value| length(&value));
    let (width, height) = match (side("width"), side("height"), view_box(&root)) {
        (Some(width), Some(height), _) => (width, height),
        (Some(width), None, Some((w, h))) => (width, width * h / w),
        (None, Some(height), Some((w, h))) => (height * w / h, height),
        (None, None, Some(size)) => size,
        (_, _, None) => return None,
    };
    let is_shown = |side: f64| (0.5..=MAX_SIDE).contains(&side);
    (is_shown(width) && is_shown(height)).then(|| (width.round() as u32, height.round() as u32))
}

/// The width and height of a `viewBox`, if neither is zero.
fn view_box(root: &Tag<'_>) -> Option<(f64, f64)> {
    let value = root.value("viewbox")?;
    let mut numbers = value.split(|c: char| c == ',' || c.is_ascii_whitespace()).filter(|part| !part.is_empty());
    let mut next = || numbers.next()?.parse::<f64>().ok().filter(|number| number.is_finite());
    let (_, _, width, height) = (next()?, next()?, next()?, next()?);
    (width > 0.0 && height > 0.0).then_some((width, height))
}

/// A length in CSS pixels. `None` for a percentage and all else that depends on the page.
fn length(value: &str) -> Option<f64> {
    let value = value.trim();
    let unit = value.trim_start_matches(|c: char| c.is_ascii_digit() || matches!(c, '.' | '+'));
    let pixels = match unit.to_ascii_lowercase().as_str() {
        "" | "px" => 1.0,
        "pt" => 96.0 / 72.0,
        "pc" => 16.0,
        "in" => 96.0,
        "cm" => 96.0 / 2.54,
        "mm" => 96.0 / 25.4,
        "q" => 96.0 / 101.6,
        // The font size of a picture is the browser's.
        "em" | "rem" => 16.0,
        "ex" => 8.0,
        _ => return None,
    };
    let number: f64 = value.strip_suffix(unit)?.parse().ok()?;
    Some(number * pixels)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_size_of_an_svg_is_that_of_its_root() {
        for (svg, size) in [
            ("<svg width=\"300\" height=\"150\"/>", Some((300, 150))),
            ("<svg width=\"300px\" height='1in' viewBox=\"0 0 1 1\"/>", Some((300, 96))),
            ("<svg viewBox=\"0 0 640 480\"></svg>", Some((640, 480))),
            ("<svg viewBox=\"-10,-10,100.4,50.5\"></svg>", Some((100, 51))),
            ("<svg width=\"200\" viewBox=\"0 0 400 100\"/>", Some((200, 50))),
            ("<svg height=\"2.5cm\" viewBox=\"0 0 400 100\"/>", Some((378, 94))),
            ("<svg width=\"100%\" height=\"100%\" viewBox=\"0 0 24 12\"/>", Some((24, 12))),
            (
                "<?xml version=\"1.0\"?>\n<!-- <svg width=\"9\" height=\"9\"> -->\n<!DOCTYPE svg PUBLIC \"a\" \"b\">\n<svg xmlns=\"http://www.w3.org/2000/svg\"\n viewBox=\"0 0 8 4\">",
                Some((8, 4)),
            ),
            ("<svg:svg xmlns:svg=\"http://www.w3.org/2000/svg\" width=\"7\" height=\"3\"/>", Some((7, 3))),
            ("<svg width=\"300\"/>", None),
            ("<svg/>", None),
            ("<svg width=\"-3\" height=\"3\"/>", None),
            ("<svg width=\"0\" height=\"3\"/>", None),
            ("<svg width=\"1e999\" height=\"3\"/>", None),
            ("<svg width=\"inf\" height=\"NaN\" viewBox=\"0 0 inf nan\"/>", None),
            ("<svg viewBox=\"0 0 0 5\"/>", None),
            ("<svg viewBox=\"0 0 1 99999999\"/>", None),
            ("<html><svg width=\"1\" height=\"1\"/></html>", None),
            ("<svg width=\"3\" height=\"3\"", None),
            ("no markup", None),
            ("", None),
        ] {
            assert_eq!(svg_size(svg), size, "{svg}");
        }
    }
}
