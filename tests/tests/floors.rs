//! The floors of the crates, as ARCHITECTURE.md tells them, and the check that holds them.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::path::Path;

use xs2a_tests::floors;

/// The top floor first.
const SANDBOX: &[&[&str]] = &[
    // The guide, and what is public.
    &["lib"],
    // What a test holds: settings, start, orders, questions.
    &["sandbox"],
    // HTTP on the port: the calls, the orders under /sandbox, and the page.
    &["server"],
    // From a request to its answer: credentials, faults, the spec, the log, the webhook.
    &["service"],
    // The state and the rules, without HTTP.
    &["world"],
    // Which call and which order leads where, and how time passes.
    &["world::calls", "world::orders", "world::time"],
    // What people see of it.
    &["world::overview"],
    // The calls.
    &["world::connections", "world::wizard", "world::events", "world::bank_codes"],
    &["world::access_tokens", "world::users"],
    // What the calls have in common: sessions, which change connections, which change accounts.
    &["world::sessions"],
    &["world::lifecycle"],
    &["world::accounts", "world::forms"],
    &["world::report", "world::state"],
    // When something is due, and the things themselves.
    &["world::agenda", "world::model"],
    // What is asked and what is answered, without HTTP.
    &["pages"],
    &["request"],
    &["answer"],
    // The ground: these know nobody.
    &["clock", "json", "line", "routes"],
];

/// The top floor first.
const XS2A: &[&[&str]] = &[
    // The guide, and what is public.
    &["lib"],
    // What follows the events.
    &["event_feed"],
    // What a client offers of one kind: the calls, and what is made of them.
    &[
        "connections",
        "wizard",
        "access_tokens",
        "accounts",
        "bank_codes",
        "events",
        "forget",
        "sessions",
        "turnovers",
        "users",
        "webhook",
    ],
    // The two clients, and how they are built.
    &["client"],
    // What is right to do with a connection, without a call.
    &["sync"],
    // How a call is made, whatever it is about.
    &["call"],
    // The ground: these know nobody.
    &["error", "ids"],
];

#[test]
fn the_modules_of_the_client_stand_on_their_floors() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/xs2a/src");
    floors::check(&src, XS2A).unwrap_or_else(|wrong| panic!("{wrong}"));
}

#[test]
fn the_modules_of_the_sandbox_stand_on_their_floors() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/xs2a-sandbox/src");
    floors::check(&src, SANDBOX).unwrap_or_else(|wrong| panic!("{wrong}"));
}

/// The top floor first.
const FLEET: &[&[&str]] = &[
    // The guide, and what is public.
    &["lib"],
    // The fleet in a program's hands, and the loop of a worker.
    &["fleet"],
    &["fleet::run", "fleet::enrol"],
    &["fleet::feed", "fleet::stats"],
    &["fleet::work"],
    &["fleet::handle"],
    &["fleet::gate", "fleet::settle"],
    // Where the rows are kept; knows verdicts, and decides nothing.
    &["store"],
    &["store::postgres", "store::sqlite"],
    &["store::queue"],
    &["store::schema", "store::tls", "store::value"],
    // What is right to do, without I/O.
    &["rules"],
    &["rules::plan"],
    &["rules::forecast", "rules::policy", "rules::share"],
    &["rules::night"],
    // The ground.
    &["row"],
    &["error", "lock"],
];

#[test]
fn the_modules_of_the_fleet_stand_on_their_floors() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/xs2a-fleet/src");
    floors::check(&src, FLEET).unwrap_or_else(|wrong| panic!("{wrong}"));
}

/// The top floor first.
const CLI: &[&[&str]] = &[
    // The program: from the command line to the exit code.
    &["lib"],
    &["command_line"],
    // What each noun does.
    &["commands"],
    &[
        "commands::accounts",
        "commands::banks",
        "commands::connections",
        "commands::events",
        "commands::fleet",
        "commands::shell",
        "commands::tokens",
        "commands::users",
    ],
    &["commands::sync"],
    &["commands::login"],
    // What the commands share: which service, the wizard, what is asked of the person.
    &["context"],
    &["wizard"],
    &["picture", "prompt", "service"],
    // What is kept between commands, and what is printed.
    &["jobs", "options", "records"],
    &["output", "secret_file"],
    // The ground.
    &["failure"],
];

#[test]
fn the_modules_of_the_command_stand_on_their_floors() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/xs2a-cli/src");
    floors::check(&src, CLI).unwrap_or_else(|wrong| panic!("{wrong}"));
}

/// What is wrong with these files.
fn wrong(files: &[(&str, &str)], floors: &[&[&str]]) -> Vec<String> {
    let files = files.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect();
    let told = floors::check_files(&files, floors).err().unwrap_or_default();
    told.lines().map(str::to_owned).collect()
}

#[test]
fn an_arrow_that_goes_up_is_found_however_it_is_written() {
    let floors: &[&[&str]] = &[&["lib"], &["high"], &["low"]];
    for path in [
        "use crate::high::Thing;",
        "use crate::{high, low};",
        "use crate::{low::Thing as high, high::inner::{self, A as B}};",
        "fn call() { crate::high::call::<u8>() }",
        "use super::high::*;",
        "mod inner { use super::super::high; }",
        "use self::super::high::Thing;",
        "macro_rules! m { () => { $crate::high::Thing } }",
        "const TEXT: &str = r#\"\"#; use crate::high; // the string is closed",
        "fn f<'a>(c: &'a char) -> bool { *c == '\"' && crate::high::f() }",
    ] {
        let files = [("lib.rs", "mod high; mod low;"), ("high.rs", ""), ("low.rs", path)];
        let found = wrong(&files, floors);
        assert_eq!(found.len(), 1, "{path}: {found:?}");
        assert!(found[0].starts_with("low knows high, which is on a higher floor: "), "{found:?}");
    }
}

#[test]
fn what_is_no_arrow_is_not_taken_for_one() {
    let low = r##"
        //! See [`crate::high`].
        /* crate::high /* crate::high */ crate::high */
        const A: &str = "crate::high \" crate::high";
        const B: &str = r#"" crate::high"#;
        const C: (char, u8) = ('\'', b'"');
        pub(in crate::low) struct S;
        use other::high::Thing;
        fn f() { self.high::<u8>(); high::f(); other::crate_::high() }
        #[cfg(test)]
        #[allow(unused)]
        mod tests { use crate::high; fn f() { { } } }
        #[cfg(test)]
        use crate::{high, lib};
        #[cfg(test)]
        mod only_in_tests;
    "##;
    let test = "use crate::high;";
    let files = [
        ("lib.rs", "mod high; mod low;"),
        ("high.rs", "use crate::low::S;"),
        ("low/mod.rs", low),
        ("low/only_in_tests.rs", test),
    ];
    assert_eq!(wrong(&files, &[&["lib"], &["high"], &["low"]]), [""; 0]);
}

#[test]
fn a_circle_is_found_on_one_floor_in_a_folder_and_between_folders() {
    let one_floor: &[&[&str]] = &[&["lib"], &["a", "b", "c"]];
    let files = [
        ("lib.rs", "mod a; mod b; mod c;"),
        ("a.rs", "use crate::b::B;"),
        ("b.rs", "use crate::c::C;"),
        ("c.rs", "use crate::a::A;"),
    ];
    assert_eq!(wrong(&files, one_floor), ["a circle: a → b → c → a"]);

    let files = [
        ("lib.rs", "mod a; mod b; mod c;"),
        ("a/mod.rs", "mod x; mod y; pub struct A;"),
        ("a/x.rs", "use super::y::Y;"),
        ("a/y.rs", "use super::{x::X, A};"),
        ("b.rs", ""),
        ("c.rs", ""),
    ];
    let expected = ["a circle: a → a::y → a", "a circle: a::x → a::y → a::x"];
    assert_eq!(wrong(&files, one_floor), expected);

    // No file knows another in a circle, but the folders do.
    let files = [
        ("lib.rs", "mod a; mod b; mod c;"),
        ("a.rs", "mod x; mod y;"),
        ("a/x.rs", "use crate::b::z::Z;"),
        ("a/y.rs", ""),
        ("b.rs", "mod z; mod w;"),
        ("b/z.rs", ""),
        ("b/w.rs", "use crate::a::y::Y;"),
        ("c.rs", ""),
    ];
    assert_eq!(wrong(&files, one_floor), ["a circle: a → b → a"]);
}

#[test]
fn nobody_knows_the_root_and_the_parts_of_a_folder_can_have_floors_of_their_own() {
    let files = [
        ("lib.rs", "mod a; pub use a::x::X;"),
        ("a.rs", "pub mod x; mod y;"),
        ("a/x.rs", "use super::y::Y;"),
        ("a/y.rs", ""),
    ];
    assert_eq!(wrong(&files, &[&["lib"], &["a"], &["a::x"], &["a::y"]]), [""; 0]);
    assert_eq!(
        wrong(&files, &[&["lib"], &["a"], &["a::y"], &["a::x"]]),
        ["a::x knows a::y, which is on a higher floor: super::y::Y"]
    );
    let files = [("lib.rs", "mod a; pub struct Top;"), ("a.rs", "use crate::Top;")];
    assert_eq!(
        wrong(&files, &[&["lib"], &["a"]]),
        ["a knows lib, which is on a higher floor: crate::Top", "a circle: lib → a → lib"]
    );
}

#[test]
fn floors_and_modules_are_the_same() {
    let files = [("lib.rs", "mod a; mod b; mod gone;"), ("a.rs", ""), ("b.rs", "")];
    assert_eq!(
        wrong(&files, &[&["lib", "a"], &["c", "a"]]),
        [
            "gone.rs or gone/mod.rs has no file",
            "c is on a floor, but there is no such module",
            "a is on two floors",
            "b is on no floor",
        ]
    );
}
