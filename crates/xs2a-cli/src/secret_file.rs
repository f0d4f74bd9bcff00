//! Secrets in files that only their owner may read.

use std::fs::File;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use xs2a::Secret;

use crate::failure::{Failure, Outcome};

/// A key or token is one line; a longer file is another one.
const LONGEST: u64 = 64 * 1024;

/// Reads the secret that `what` names, if nobody else may read the file. Blank space around the
/// secret is not part of it.
pub(crate) fn read(path: &Path, what: &str) -> Outcome<Secret> {
    let failed = |error| Failure::file(format!("{what} {}", path.display()), &error);
    let mut file = File::open(path).map_err(failed)?;
    check_rights(&file, path, what)?;
    let mut text = String::new();
    let read = Read::by_ref(&mut file).take(LONGEST + 1).read_to_string(&mut text);
    if read.map_err(failed)? as u64 > LONGEST {
        let told = format!("{what} {} is too long to be a secret", path.display());
        return Err(Failure::usage(told, "name the file with the secret alone"));
    }
    Ok(Secret::from(text.trim()))
}

/// The rights of the file that was opened, not of what has the name by now.
#[cfg(unix)]
fn check_rights(file: &File, path: &Path, what: &str) -> Outcome {
    use std::os::unix::fs::MetadataExt;

    let metadata = file.metadata().map_err(|error| Failure::file(path.display(), &error))?;
    if metadata.mode() & 0o077 == 0 {
        return Ok(());
    }
    let told = format!(
        "{what} {} can be read or written by others (mode {:04o})",
        path.display(),
        metadata.mode() & 0o7777
    );
    Err(Failure::usage(told, format!("chmod 600 {}", path.display())))
}

#[cfg(not(unix))]
fn check_rights(_: &File, _: &Path, _: &str) -> Outcome {
    Ok(())
}

/// A new file for a secret that comes later, which only its owner may read. It is made before
/// anything else is done, so that the secret is not lost for want of a place.
pub(crate) struct NewSecret {
    file: File,
    path: PathBuf,
}

impl NewSecret {
    pub(crate) fn create(path: &Path) -> Outcome<Self> {
        let file = private(std::fs::OpenOptions::new().write(true).create_new(true)).open(path);
        let file = file.map_err(|error| Failure::file(path.display(), &error))?;
        Ok(Self { file, path: path.to_owned() })
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) fn write(mut self, secret: &Secret) -> Outcome {
        let written =
            writeln!(self.file, "{}", secret.expose()).and_then(|()| self.file.sync_all());
        written.map_err(|error| Failure::file(self.path.display(), &error))
    }
}

/// A file that is made by these options is its owner's alone.
fn private(options: &mut std::fs::OpenOptions) -> &mut std::fs::OpenOptions {
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
    options
}

/// Makes a file that is its owner's alone, where there is none.
pub(crate) fn touch(path: &Path) -> Outcome {
    let made = private(std::fs::OpenOptions::new().append(true).create(true)).open(path);
    made.map(drop).map_err(|error| Failure::file(path.display(), &error))
}
