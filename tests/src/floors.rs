//! Whether the modules of a crate stand on floors: a module knows modules of its own floor and of
//! lower floors only, and no two modules know each other in a circle.
//!
//! A module *knows* another one if its source names a path into it (`crate::…`, `super::…`,
//! `self::…`, or the name of a child), or if it declares it (`mod …;`). So the file of a folder
//! stands above the files in the folder, and `lib.rs`, or `main.rs` of a program, above everything. Comments, strings and
//! `#[cfg(test)]` items do not count. Calls of methods do not show in paths: what a module must not
//! know should not be reachable through a method either.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs, io,
    path::Path,
};

/// The path of a module inside its crate; empty for `lib.rs`, and for `main.rs` of a program.
type Module = Vec<String>;

/// Holds the modules below `src` against `floors`, the top floor first. A floor lists modules as
/// `a` or `a::b`, and `lib` for `lib.rs` or `main.rs`. A module that is not listed stands on the floor of the
/// module it is in.
///
/// # Errors
/// A text with one line for each thing that is wrong.
pub fn check(src: &Path, floors: &[&[&str]]) -> Result<(), String> {
    let mut files = BTreeMap::new();
    read(src, "", &mut files).map_err(|error| format!("{}: {error}", src.display()))?;
    check_files(&files, floors)
}

fn read(folder: &Path, prefix: &str, files: &mut BTreeMap<String, String>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
        if entry.file_type()?.is_dir() {
            read(&entry.path(), &format!("{name}/"), files)?;
        } else if name.ends_with(".rs") {
            files.insert(name, fs::read_to_string(entry.path())?);
        }
    }
    Ok(())
}

/// As [`check`], with the sources of the files by their paths below `src`.
///
/// # Errors
/// As of [`check`].
pub fn check_files(files: &BTreeMap<String, String>, floors: &[&[&str]]) -> Result<(), String> {
    let (modules, mut wrong) = modules(files);
    let known = arrows(&modules);
    wrong.extend(upward(&modules, &known, floors));
    wrong.extend(circles(&known));
    if wrong.is_empty() { Ok(()) } else { Err(wrong.join("\n")) }
}

/// The tokens of every module that `lib.rs` leads to, and what is wrong with the files.
fn modules(files: &BTreeMap<String, String>) -> (BTreeMap<Module, Vec<String>>, Vec<String>) {
    let (mut modules, mut wrong) = (BTreeMap::new(), Vec::new());
    let mut waiting: Vec<Module> = vec![Vec::new()];
    while let Some(module) = waiting.pop() {
        let path = module.join("/");
        let names = match path.as_str() {
            "" => vec!["lib.rs".to_owned(), "main.rs".to_owned()],
            path => vec![format!("{path}.rs"), format!("{path}/mod.rs")],
        };
        let Some(source) = names.iter().find_map(|name| files.get(name)) else {
            wrong.push(format!("{} has no file", names.join(" or ")));
            continue;
        };
        let tokens = without_tests(tokens(source));
        waiting.extend(children(&tokens).map(|child| joined(&module, child)));
        modules.insert(module, tokens);
    }
    (modules, wrong)
}

fn joined(module: &[String], child: &str) -> Module {
    module.iter().cloned().chain([child.to_owned()]).collect()
}

fn shown(module: &[String]) -> String {
    if module.is_empty() { "lib".to_owned() } else { module.join("::") }
}

/// The modules that are declared with a file of their own.
fn children(tokens: &[String]) -> impl Iterator<Item = &str> {
    tokens.windows(3).filter(|window| window[0] == "mod" && window[2] == ";").map(|w| w[1].as_str())
}

/// From whom to whom, with the first path that shows it.
type Arrows = BTreeMap<(Module, Module), String>;

fn arrows(modules: &BTreeMap<Module, Vec<String>>) -> Arrows {
    let mut arrows = Arrows::new();
    for (module, tokens) in modules {
        for child in children(tokens) {
            let target = joined(module, child);
            arrows.entry((module.clone(), target)).or_insert(format!("mod {child}"));
        }
        for (inside, path) in paths(module, tokens) {
            let mut target = resolve(&inside, &path);
            while !modules.contains_key(&target) {
                target.pop();
            }
            if target != *module {
                arrows.entry((module.clone(), target)).or_insert(path.join("::"));
            }
        }
    }
    arrows
}

/// Every path into the own crate, with the module it stands in: an inner `mod … {}` is a module too.
fn paths(module: &[String], tokens: &[String]) -> Vec<(Module, Vec<String>)> {
    let children: BTreeSet<&str> = children(tokens).collect();
    let token = |at: usize| tokens.get(at).map(String::as_str).unwrap_or_default();
    let (mut inside, mut depth, mut found) = (vec![(module.to_vec(), 0)], 0, Vec::new());
    for at in 0..tokens.len() {
        let before = if at == 0 { "" } else { token(at - 1) };
        match token(at) {
            "{" => {
                depth += 1;
                if at >= 2 && token(at - 2) == "mod" {
                    let inner = joined(&inside[inside.len() - 1].0, before);
                    inside.push((inner, depth));
                }
            }
            "}" => {
                if inside[inside.len() - 1].1 == depth && depth > 0 {
                    inside.pop();
                }
                depth -= 1;
            }
            first if token(at + 1) == "::" && !matches!(before, "::" | "." | "in") => {
                let at_top = inside.len() == 1;
                if matches!(first, "crate" | "self" | "super") || at_top && children.contains(first)
                {
                    let mut trees = Vec::new();
                    tree(tokens, at, Vec::new(), &mut trees);
                    let current = &inside[inside.len() - 1].0;
                    found.extend(trees.into_iter().map(|path| (current.clone(), path)));
                }
            }
            _ => {}
        }
    }
    found
}

/// Collects the paths of the tree that starts here, as in `a::{b, c::d}`; gives the place behind it.
fn tree(
    tokens: &[String],
    at: usize,
    mut path: Vec<String>,
    found: &mut Vec<Vec<String>>,
) -> usize {
    let token = |at: usize| tokens.get(at).map(String::as_str).unwrap_or_default();
    match token(at) {
        "{" => {
            let mut at = at + 1;
            while !matches!(token(at), "}" | "") {
                // What is no path stands behind one: a comma, or `as` and another name.
                at = match token(at) {
                    "," => at + 1,
                    "as" => at + 2,
                    _ => tree(tokens, at, path.clone(), found),
                };
            }
            at + 1
        }
        name if is_name(name) => {
            path.push(name.to_owned());
            if token(at + 1) == "::" {
                return tree(tokens, at + 2, path, found);
            }
            found.push(path);
            at + 1
        }
        // A star, or the arguments of a type.
        _ => {
            found.push(path);
            at + 1
        }
    }
}

fn resolve(module: &[String], path: &[String]) -> Module {
    let mut target = match path.first().map(String::as_str) {
        Some("crate") => Vec::new(),
        _ => module.to_vec(),
    };
    for segment in path {
        match segment.as_str() {
            "crate" | "self" => {}
            "super" => drop(target.pop()),
            name => target.push(name.to_owned()),
        }
    }
    target
}

/// The arrows that go up, modules without a floor, and floors without a module.
fn upward(
    modules: &BTreeMap<Module, Vec<String>>,
    arrows: &Arrows,
    floors: &[&[&str]],
) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut floor_of = BTreeMap::new();
    for (floor, names) in floors.iter().enumerate() {
        for name in *names {
            let module: Module = match *name {
                "lib" => Vec::new(),
                name => name.split("::").map(str::to_owned).collect(),
            };
            if !modules.contains_key(&module) {
                wrong.push(format!("{name} is on a floor, but there is no such module"));
            }
            if floor_of.insert(module, floor).is_some() {
                wrong.push(format!("{name} is on two floors"));
            }
        }
    }
    // `lib.rs` has a floor for itself only.
    let floor = |module: &Module| {
        let inner = (1..=module.len()).rev().find_map(|length| floor_of.get(&module[..length]));
        if module.is_empty() { floor_of.get(module) } else { inner }
    };
    let lost = modules.keys().filter(|module| floor(module).is_none());
    wrong.extend(lost.map(|module| format!("{} is on no floor", shown(module))));
    for ((from, to), path) in arrows {
        if let (Some(lower), Some(higher)) = (floor(from), floor(to))
            && higher < lower
        {
            let (from, to) = (shown(from), shown(to));
            wrong.push(format!("{from} knows {to}, which is on a higher floor: {path}"));
        }
    }
    wrong
}

/// Circles between files, and between folders.
fn circles(arrows: &Arrows) -> Vec<String> {
    let deepest = arrows.keys().map(|(from, to)| from.len().max(to.len())).max().unwrap_or(0);
    let mut found = BTreeSet::new();
    for depth in 1..=deepest {
        let cut = |module: &Module| module[..module.len().min(depth)].to_vec();
        let mut known: BTreeMap<Module, BTreeSet<Module>> = BTreeMap::new();
        for (from, to) in arrows.keys() {
            if cut(from) != cut(to) {
                known.entry(cut(from)).or_default().insert(cut(to));
            }
        }
        found.extend(known.keys().filter_map(|start| shortest_circle(start, &known)));
    }
    found.into_iter().collect()
}

/// The shortest way from a module back to itself, told from the first name in it.
fn shortest_circle(start: &Module, known: &BTreeMap<Module, BTreeSet<Module>>) -> Option<String> {
    let mut ways: Vec<Vec<&Module>> = vec![vec![start]];
    let mut reached = BTreeSet::new();
    while !ways.is_empty() {
        let mut longer = Vec::new();
        for way in ways {
            for next in known.get(way[way.len() - 1]).into_iter().flatten() {
                if next == start {
                    let first = (0..way.len()).min_by_key(|at| way[*at]).unwrap_or_default();
                    let circle = (0..=way.len()).map(|step| way[(first + step) % way.len()]);
                    let circle: Vec<String> = circle.map(|module| shown(module)).collect();
                    return Some(format!("a circle: {}", circle.join(" → ")));
                }
                if reached.insert(next) {
                    longer.push([way.as_slice(), &[next]].concat());
                }
            }
        }
        ways = longer;
    }
    None
}

fn is_name(token: &str) -> bool {
    token.starts_with(|c: char| c.is_alphabetic() || c == '_')
}

/// Names, `::`, and single characters; without comments, strings and characters in quotes.
fn tokens(source: &str) -> Vec<String> {
    let mut tokens = Vec::new();
    let mut rest = source;
    while let Some(c) = rest.chars().next() {
        let length = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if rest.starts_with("/*") {
            block_comment(rest)
        } else if let Some(length) = string(rest) {
            length
        } else {
            let is_part = |c: char| c.is_alphanumeric() || c == '_';
            let name = rest.find(|c| !is_part(c)).unwrap_or(rest.len());
            let length = match name {
                0 if rest.starts_with("::") => 2,
                0 => c.len_utf8(),
                name => name,
            };
            if !c.is_whitespace() {
                tokens.push(rest[..length].to_owned());
            }
            length
        };
        rest = &rest[length..];
    }
    tokens
}

fn block_comment(text: &str) -> usize {
    let (mut depth, mut at) = (0, 0);
    while at < text.len() {
        let rest = &text[at..];
        let step = if rest.starts_with("/*") {
            depth += 1;
            2
        } else if rest.starts_with("*/") {
            depth -= 1;
            2
        } else {
            rest.chars().next().map_or(1, char::len_utf8)
        };
        at += step;
        if depth == 0 {
            return at;
        }
    }
    text.len()
}

/// The length of the string or of the quoted character that `text` starts with.
fn string(text: &str) -> Option<usize> {
    let quoted = text.trim_start_matches(['b', 'c', 'r']);
    let prefix = text.len() - quoted.len();
    if prefix > 2 {
        return None;
    }
    if text[..prefix].ends_with('r') {
        let opening = quoted.trim_start_matches('#');
        let hashes = quoted.len() - opening.len();
        let inner = opening.strip_prefix('"')?;
        let closing = format!("\"{}", "#".repeat(hashes));
        let end = inner.find(&closing).map_or(inner.len(), |end| end + closing.len());
        return Some(prefix + hashes + 1 + end);
    }
    if quoted.starts_with('"') {
        return Some(prefix + closed_by(quoted, '"'));
    }
    // A quote that is not closed after one character begins a lifetime.
    let after = quoted.strip_prefix('\'')?;
    let is_character = after.starts_with('\\') || after.chars().nth(1) == Some('\'');
    is_character.then(|| prefix + closed_by(quoted, '\''))
}

/// The place behind the quote that closes what the first character opens.
fn closed_by(text: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            c if c == quote => return at + c.len_utf8(),
            _ => {}
        }
    }
    text.len()
}

/// Leaves out each `#[cfg(test)]` with the item behind it.
fn without_tests(tokens: Vec<String>) -> Vec<String> {
    const MARK: [&str; 7] = ["#", "[", "cfg", "(", "test", ")", "]"];
    let mut kept = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        if !tokens[at..].iter().take(MARK.len()).eq(MARK.iter()) {
            kept.push(tokens[at].clone());
            at += 1;
            continue;
        }
        at += MARK.len();
        // The item ends with its braces, or with a semicolon outside of any.
        let mut depth = 0;
        while at < tokens.len() {
            let token = tokens[at].as_str();
            at += 1;
            match token {
                "{" | "(" | "[" => depth += 1,
                "}" | ")" | "]" => depth -= 1,
                _ => {}
            }
            if depth == 0 && matches!(token, ";" | "}") {
                break;
            }
        }
    }
    kept
}
