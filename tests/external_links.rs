//! `canon check --external` through the command line, against a server that misbehaves: what fails, what is only said,
//! what is remembered, and that nothing is asked unless it was wanted.

mod built;
mod external_double;

use built::{Base, canon, note};
use external_double::{Server, serve, serve_tls};
use serde_json::Value;
use std::net::SocketAddr;

/// A base with links to these addresses, a configuration, and a cache of its own.
struct Asked {
    base: Base,
    cache: tempfile::TempDir,
}

/// What a run said.
struct Said {
    status: i32,
    findings: Vec<Value>,
    log: String,
}

/// A server on loopback is asked only where the configuration says so; one request that fails is enough here.
const LOCAL: &str = "[check.rules]\nunconnected-note = \"off\"\norphan-note = \"off\"\n\n[external]\n\
private_networks = true\nretries = 0\ntimeout = 1\n";

impl Asked {
    fn with(config: &str, addresses: &[String]) -> Asked {
        let links: Vec<String> = addresses.iter().map(|address| format!("- [there]({address})")).collect();
        let base = Base::of(&[
            ("canon.toml", config.to_string()),
            ("content/a.md", note("a", "A", &format!("# A\n\n{}\n", links.join("\n")))),
        ]);
        Asked { base, cache: tempfile::tempdir().unwrap() }
    }

    fn run(&self, arguments: &[&str]) -> Said {
        let mut command = canon();
        for name in ["http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"] {
            command.env_remove(name);
        }
        command.env("XDG_CACHE_HOME", self.cache.path()).args(["check", "--format", "json"]);
        command.args(["--rule", "broken-external-link"]).args(arguments);
        let output = command.current_dir(self.base.home.path()).output().unwrap();
        let json: Value = serde_json::from_slice(&output.stdout).unwrap_or_default();
        Said {
            status: output.status.code().unwrap(),
            findings: json["diagnostics"].as_array().cloned().unwrap_or_default(),
            log: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

fn at(server: &Server, path: &str) -> String {
    format!("http://{}{path}", server.address)
}

fn requests(server: &Server) -> Vec<String> {
    std::mem::take(&mut *server.log.lock().unwrap())
}

#[test]
fn only_what_is_gone_is_a_finding_and_fails() {
    let server = serve();
    let secure: SocketAddr = serve_tls();
    let gone = ["/status/404", "/status/410", "/to-gone"].map(|path| at(&server, path));
    let untrusted = format!("https://{secure}/");
    let rest = [
        "/ok",
        "/head-refused",
        "/head-lies",
        "/huge-get",
        "/found",
        "/status/401",
        "/status/403",
        "/status/500",
        "/status/999",
        "/busy-for-long",
        "/drops",
        "/slow",
        "/garbage",
        "/circle",
        "/chain/0",
    ];
    let mut addresses: Vec<String> = rest.iter().map(|path| at(&server, path)).collect();
    addresses.extend(gone.iter().cloned().chain([untrusted.clone()]));
    let asked = Asked::with(LOCAL, &addresses);
    let said = asked.run(&["--external"]);
    let found: Vec<(&str, u64)> = said
        .findings
        .iter()
        .map(|f| (f["message"].as_str().unwrap().split('`').nth(1).unwrap(), f["line"].as_u64().unwrap()))
        .collect();
    // The list begins in line 15 of the note.
    let line = |address: &str| 15 + addresses.iter().position(|a| a == address).unwrap() as u64;
    let want: Vec<(&str, u64)> = gone.iter().chain([&untrusted]).map(|address| (&**address, line(address))).collect();
    assert_eq!(found, want, "{}", said.log);
    assert_eq!(said.status, 1);
    assert!(said.findings.iter().all(|f| f["rule"] == "broken-external-link" && f["severity"] == "error"));
    assert!(said.log.contains("10 addresses could not be verified from here"), "{}", said.log);
}

#[test]
fn a_base_whose_addresses_only_cannot_be_verified_passes() {
    let server = serve();
    let asked = Asked::with(LOCAL, &["/status/403", "/drops", "/ok"].map(|path| at(&server, path)));
    let said = asked.run(&["--external", "--fail-on", "info"]);
    assert_eq!((said.status, said.findings.len()), (0, 0), "{}", said.log);
}

#[test]
fn the_failing_level_holds_for_addresses_too() {
    let server = serve();
    let config = LOCAL.replace("orphan-note = \"off\"", "orphan-note = \"off\"\nbroken-external-link = \"warning\"");
    let asked = Asked::with(&config, &[at(&server, "/status/404")]);
    let said = asked.run(&["--external"]);
    assert_eq!((said.status, said.findings.len()), (0, 1), "{}", said.log);
    assert_eq!(asked.run(&["--external", "--fail-on", "warning"]).status, 1);
}

#[test]
fn nothing_is_asked_unless_it_is_wanted() {
    let server = serve();
    let asked = Asked::with(LOCAL, &[at(&server, "/ok"), at(&server, "/status/404")]);
    let said = asked.run(&[]);
    assert_eq!((said.status, said.findings.len()), (0, 0), "{}", said.log);
    for command in [&["build"][..], &["stats"], &["graph"], &["check", "--fix"], &["check", "--all"]] {
        let run = canon().args(command).current_dir(asked.base.home.path()).output().unwrap();
        assert_ne!(run.status.code(), Some(2), "{command:?}: {}", String::from_utf8_lossy(&run.stderr));
    }
    assert_eq!(requests(&server), [""; 0]);
}

#[test]
fn this_machine_and_its_neighbours_are_not_asked_unless_the_configuration_says_so() {
    let server = serve();
    let port = server.address.port();
    let addresses = [at(&server, "/status/404"), format!("http://localhost:{port}/status/404")];
    let asked = Asked::with(&LOCAL.replace("private_networks = true\n", ""), &addresses);
    let said = asked.run(&["--external", "--verbose"]);
    assert_eq!((said.status, said.findings.len()), (0, 0), "{}", said.log);
    assert_eq!(said.log.matches("is in a private network, which is not asked").count(), 2, "{}", said.log);
    assert_eq!(requests(&server), [""; 0]);
}

#[test]
fn redirects_are_reported_and_the_end_of_one_counts() {
    let server = serve();
    let asked = Asked::with(LOCAL, &["/moved-for-good", "/found", "/to-gone"].map(|path| at(&server, path)));
    let said = asked.run(&["--external", "--verbose"]);
    for path in ["/moved-for-good", "/found"] {
        let line = format!("{} → {}: 200 OK", at(&server, path), at(&server, "/ok"));
        assert!(said.log.contains(&line), "{line} is not in\n{}", said.log);
    }
    assert!(said.log.contains("2 addresses moved permanently"), "{}", said.log);
    let help = said.findings[0]["help"].as_str().unwrap();
    assert_eq!(help, format!("it redirected to `{}`; link to its replacement", at(&server, "/status/404")));
    let brief = asked.run(&["--external"]).log;
    assert!(
        brief.contains("2 addresses moved permanently; `--verbose` lists them") && !brief.contains(" → "),
        "{brief}"
    );
}

#[test]
fn a_success_is_remembered_from_run_to_run_and_a_fault_is_not() {
    let server = serve();
    let addresses = ["/ok", "/status/404", "/status/403"].map(|path| at(&server, path));
    let asked = Asked::with(LOCAL, &addresses);
    assert_eq!(asked.run(&["--external"]).status, 1);
    assert_eq!(requests(&server).iter().filter(|r| r.ends_with("/ok")).count(), 1);
    assert_eq!(asked.run(&["--external"]).status, 1, "the fault is found again");
    let second = requests(&server);
    assert!(second.iter().all(|r| !r.ends_with("/ok")), "{second:?}");
    assert!(second.iter().any(|r| r.ends_with("/status/404")) && second.iter().any(|r| r.ends_with("/status/403")));
    let none = Asked::with(&format!("{LOCAL}cache_hours = 0\n"), &addresses);
    none.run(&["--external"]);
    none.run(&["--external"]);
    assert_eq!(requests(&server).iter().filter(|r| r.ends_with("/ok")).count(), 2, "nothing is remembered for 0 hours");
}

#[test]
fn patterns_choose_and_a_wrong_one_is_a_failure_of_the_tool() {
    let server = serve();
    let addresses = ["/ok", "/status/404", "/status/410"].map(|path| at(&server, path));
    let asked = Asked::with(&format!("{LOCAL}include = [\"/status/\"]\nexclude = [\"410$\"]\n"), &addresses);
    let said = asked.run(&["--external"]);
    assert_eq!((said.status, said.findings.len()), (1, 1), "{}", said.log);
    assert!(requests(&server).iter().all(|r| r.ends_with("/status/404")));
    let wrong = Asked::with(&format!("{LOCAL}exclude = [\"(\"]\n"), &addresses).run(&["--external"]);
    assert_eq!(wrong.status, 2);
    assert!(wrong.log.contains("canon.toml:9:12: `(` is not a pattern"), "{}", wrong.log);
    assert_eq!(requests(&server), [""; 0]);
}
