//! Writes the generated file, only when it has changed, and never a part of it.

use std::fs;
use std::io::{self, Write};
use std::path::Path;

use similar::TextDiff;

/// What happened to a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The file already had this text, and was not touched.
    Unchanged,
    /// The file was replaced or created.
    Written,
}

/// Replaces a file in one step. A reader, and also an interruption, finds either the old file or the
/// new file.
pub fn write(path: &Path, text: &str) -> io::Result<Outcome> {
    if read(path)?.as_deref() == Some(text) {
        return Ok(Outcome::Unchanged);
    }
    // A file in a folder that can be written would be replaced all the same.
    if fs::metadata(path).is_ok_and(|metadata| metadata.permissions().readonly()) {
        return Err(io::Error::new(
            io::ErrorKind::PermissionDenied,
            "the file is read-only: make it writable, or write to another file with `--out`",
        ));
    }
    replace(path, text)?;
    Ok(Outcome::Written)
}

fn replace(path: &Path, text: &str) -> io::Result<()> {
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    fs::create_dir_all(folder)?;
    let mut builder = tempfile::Builder::new();
    builder.prefix(".generated-");
    // Only its owner can read a temporary file, but everybody can read a source file.
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o644));
    let mut file = builder.tempfile_in(folder)?;
    file.write_all(text.as_bytes())?;
    file.as_file().sync_all()?;
    file.persist(path)?;
    Ok(())
}

/// The difference between the file and the text it should have, if there is one. `source` says where
/// the text comes from.
pub fn difference(path: &Path, name: &str, text: &str, source: &str) -> io::Result<Option<String>> {
    let old = read(path)?.unwrap_or_default();
    if old == text {
        return Ok(None);
    }
    let diff = TextDiff::from_lines(old.as_str(), text)
        .unified_diff()
        .context_radius(3)
        .header(&format!("{name} (checked in)"), &format!("{name} ({source})"))
        .to_string();
    Ok(Some(diff))
}

/// The text of a file, if it exists. Git may have written its lines with a carriage return.
fn read(path: &Path) -> io::Result<Option<String>> {
    match fs::read(path) {
        // What is not text is not what we wrote, and is replaced like any other text.
        Ok(bytes) => Ok(Some(String::from_utf8_lossy(&bytes).replace("\r\n", "\n"))),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unchanged_file_is_not_touched() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("deep/mod.rs");
        assert_eq!(write(&path, "one\n").unwrap(), Outcome::Written);
        let before = fs::metadata(&path).unwrap().modified().unwrap();
        assert_eq!(write(&path, "one\n").unwrap(), Outcome::Unchanged);
        assert_eq!(fs::metadata(&path).unwrap().modified().unwrap(), before);
        assert_eq!(write(&path, "two\n").unwrap(), Outcome::Written);
        assert_eq!(fs::read_to_string(&path).unwrap(), "two\n");
    }

    #[cfg(unix)]
    #[test]
    fn who_has_the_old_file_open_reads_all_of_it_and_the_new_one_is_another() {
        use std::io::Read;
        use std::os::unix::fs::MetadataExt;

        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("mod.rs");
        let old = "old\n".repeat(100_000);
        write(&path, &old).unwrap();
        let mut open = fs::File::open(&path).unwrap();
        write(&path, "new\n").unwrap();
        let (before, after) = (open.metadata().unwrap(), fs::metadata(&path).unwrap());
        assert_ne!(before.ino(), after.ino());
        let mut text = String::new();
        open.read_to_string(&mut text).unwrap();
        assert!(text == old, "{} bytes of {}", text.len(), old.len());
        assert_eq!(fs::read_to_string(&path).unwrap(), "new\n");
    }

    #[test]
    fn a_write_that_fails_leaves_what_was_there() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        write(&file, "old\n").unwrap();
        assert!(write(&file.join("mod.rs"), "new\n").is_err());
        assert_eq!(fs::read_to_string(&file).unwrap(), "old\n");

        // The last step fails: a folder cannot be replaced by a file.
        let taken = folder.path().join("taken");
        fs::create_dir(&taken).unwrap();
        assert!(replace(&taken, "new\n").is_err());
        assert!(taken.is_dir());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);
    }

    #[test]
    fn a_file_that_is_read_only_is_reported_and_stays() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("mod.rs");
        write(&path, "old\n").unwrap();
        let mut permissions = fs::metadata(&path).unwrap().permissions();
        permissions.set_readonly(true);
        fs::set_permissions(&path, permissions).unwrap();
        assert_eq!(write(&path, "old\n").unwrap(), Outcome::Unchanged);
        let error = write(&path, "new\n").unwrap_err();
        assert!(error.to_string().starts_with("the file is read-only"), "{error}");
        assert_eq!(fs::read_to_string(&path).unwrap(), "old\n");
    }

    #[test]
    fn lines_that_end_in_a_carriage_return_are_the_same_lines() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("mod.rs");
        fs::write(&path, "a\r\nb\r\n").unwrap();
        assert_eq!(difference(&path, "mod.rs", "a\nb\n", "from the spec").unwrap(), None);
        assert_eq!(write(&path, "a\nb\n").unwrap(), Outcome::Unchanged);
        let diff = difference(&path, "mod.rs", "a\nc\n", "from the spec").unwrap().unwrap();
        assert!(diff.ends_with("@@ -1,2 +1,2 @@\n a\n-b\n+c\n"), "{diff}");
    }

    #[test]
    fn nothing_else_is_left_in_the_folder() {
        let folder = tempfile::tempdir().unwrap();
        write(&folder.path().join("mod.rs"), "one\n").unwrap();
        write(&folder.path().join("mod.rs"), "two\n").unwrap();
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn the_difference_is_a_unified_diff_from_the_file_to_the_spec() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("mod.rs");
        write(&path, "a\nb\n").unwrap();
        assert_eq!(difference(&path, "mod.rs", "a\nb\n", "from the spec").unwrap(), None);
        assert_eq!(
            difference(&path, "mod.rs", "a\nc\n", "from the spec").unwrap().unwrap(),
            "--- mod.rs (checked in)\n+++ mod.rs (from the spec)\n@@ -1,2 +1,2 @@\n a\n-b\n+c\n"
        );
    }

    #[test]
    fn a_missing_file_differs_by_everything() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("mod.rs");
        let diff = difference(&path, "mod.rs", "a\n", "from the spec").unwrap().unwrap();
        assert!(diff.ends_with("+a\n"), "{diff}");
        assert!(!path.exists());
    }
}
