//! `check --format junit`: one test case per file, for continuous integration systems that understand only test
//! results.

use super::{Located, Report, visible, visible_lines};
use crate::text::diagnostic::FailOn;
use quick_junit::{NonSuccessKind, Report as JUnit, TestCase, TestCaseStatus, TestSuite};
use std::fmt::Write;
use std::time::Duration;

/// The report as JUnit XML. A file fails if `fail_on` includes the severity of a finding. All other findings are the output
/// of the test case.
pub(crate) fn render(report: &Report<'_>, fail_on: FailOn) -> String {
    let located = report.located();
    let time = Duration::from_millis(report.totals.milliseconds);
    let mut suite = TestSuite::new("canon check");
    suite.set_time(time);
    let mut paths: Vec<&str> = report.sources.iter().map(|s| &*s.path).collect();
    paths.retain(|path| report.part.within.is_none_or(|scope| scope.contains(path)));
    paths.sort_unstable();
    let mut rest = &located[..];
    for path in paths {
        // Paths and findings are both sorted by path, so one pass assigns the findings to their files.
        let (of_file, others) = rest.split_at(rest.iter().take_while(|l| &*l.file.path == path).count());
        rest = others;
        suite.add_test_case(case(&format!("{}{path}", report.prefix), of_file, fail_on));
    }
    let mut junit = JUnit::new("canon");
    junit.set_time(time);
    junit.add_test_suite(suite);
    let xml = junit.to_string().expect("XML is written to memory");
    // The schema of Jenkins does not have this attribute on the root element. No case is ever skipped.
    xml.replacen(" skipped=\"0\"", "", 1)
}

fn case(path: &str, located: &[Located<'_>], fail_on: FailOn) -> TestCase {
    let (failing, others): (Vec<_>, Vec<_>) = located.iter().partition(|l| fail_on.is_failing(l.diagnostic.severity));
    let status = match failing.split_first() {
        None => TestCaseStatus::success(),
        Some((first, more)) => {
            let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
            let more = if more.is_empty() { String::new() } else { format!(" (and {} more)", more.len()) };
            status.set_message(format!("{}{more}", visible(&first.diagnostic.message)));
            status.set_type(first.diagnostic.rule);
            status.set_description(listing(path, &failing));
            status
        }
    };
    let mut case = TestCase::new(visible(path).into_owned(), status);
    case.set_classname("canon");
    if !others.is_empty() {
        case.set_system_out(listing(path, &others));
    }
    case
}

/// Two lines per finding: location and message, then the help.
fn listing(path: &str, located: &[&Located<'_>]) -> String {
    let mut out = String::new();
    for l in located {
        let (d, start) = (l.diagnostic, l.start);
        let (path, message) = (visible(path), visible(&d.message));
        let help = visible_lines(&d.help).replace('\n', "\n  ");
        let _ = writeln!(out, "{path}:{}:{}: {}[{}]: {message}", start.line, start.column, d.severity.name(), d.rule);
        let _ = writeln!(out, "  help: {help}");
    }
    out
}

#[cfg(test)]
mod tests {
    use super::super::awkward;
    use super::*;

    #[test]
    fn awkward_findings() {
        insta::assert_snapshot!(render(&awkward::set().report(), FailOn::Error));
    }

    /// Reads the XML with a parser that shares nothing with its writer's formatting: names of cases, and of those failing.
    fn read(xml: &str) -> (Vec<String>, usize) {
        let mut reader = quick_xml::Reader::from_str(xml);
        let (mut cases, mut failures) = (Vec::new(), 0);
        loop {
            match reader.read_event().expect("well-formed") {
                quick_xml::events::Event::Eof => return (cases, failures),
                quick_xml::events::Event::Start(e) | quick_xml::events::Event::Empty(e) => match e.name().as_ref() {
                    b"testcase" => {
                        let name = e.try_get_attribute("name").unwrap().unwrap();
                        cases.push(name.decode_and_unescape_value(reader.decoder()).unwrap().into_owned());
                    }
                    b"failure" => failures += 1,
                    _ => {}
                },
                _ => {}
            }
        }
    }

    /// `tests/browser/junit.test.mjs` validates reports against the schema of Jenkins.
    #[test]
    fn the_root_has_only_attributes_that_jenkins_knows() {
        let xml = render(&awkward::set().report(), FailOn::Error);
        let root = &xml[xml.find("<testsuites").unwrap()..];
        let root = &root[..root.find('>').unwrap()];
        let names: Vec<&str> = root.split_whitespace().skip(1).map(|pair| pair.split('=').next().unwrap()).collect();
        assert_eq!(names, ["name", "tests", "failures", "errors", "time"]);
    }

    #[test]
    fn one_case_a_file_and_the_level_decides() {
        let set = awkward::set();
        let cases = |level| read(&render(&set.report(), level));
        let (names, errors) = cases(FailOn::Error);
        assert_eq!(names.len(), 6);
        assert!(names.contains(&"content/a/höhe 日本.md".to_string()));
        assert!(names.contains(&r"content/e/\u{1b}[31m.md".to_string()));
        assert_eq!((errors, cases(FailOn::Warning).1, cases(FailOn::Info).1), (4, 5, 6));
        assert_eq!(cases(FailOn::Never).1, 0);
    }
}
