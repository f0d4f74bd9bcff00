//! What a terminal cannot show: a captcha, or a code that flickers, as a file by name.

use std::io::Write;
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use tempfile::NamedTempFile;

use crate::failure::{Failure, Outcome};

/// A file that only its owner can read, and that goes when the question is answered.
pub(crate) struct Picture(NamedTempFile);

impl Picture {
    /// The picture of a form: base64, with or without what a data URL has before it.
    pub(crate) fn of_data(data: &str) -> Outcome<Self> {
        let base64 = data.rsplit_once("base64,").map_or(data, |(_, base64)| base64);
        let unreadable = |error| {
            let told = format!("the picture of the bank cannot be read: {error}");
            Failure::new(crate::failure::Exit::Service, told, "begin anew, or at a browser")
        };
        let bytes = STANDARD.decode(base64.trim()).map_err(unreadable)?;
        let kind = match bytes.as_slice() {
            [0x89, b'P', b'N', b'G', ..] => ".png",
            [b'G', b'I', b'F', ..] => ".gif",
            [0xff, 0xd8, ..] => ".jpg",
            _ => ".img",
        };
        Self::write(kind, &bytes)
    }

    /// A page on which five bars flicker, one row of the code after the other.
    pub(crate) fn of_flicker(code: &[Vec<String>]) -> Outcome<Self> {
        let lit = |row: &Vec<String>| row.iter().map(|bar| u8::from(bar == "1")).collect();
        let rows: Vec<Vec<u8>> = code.iter().map(lit).collect();
        let rows = serde_json::to_string(&rows).unwrap_or_default();
        Self::write(".html", FLICKER.replace("ROWS", &rows).as_bytes())
    }

    fn write(kind: &str, bytes: &[u8]) -> Outcome<Self> {
        let failed = |error| Failure::file("the picture of the bank", &error);
        let mut file =
            tempfile::Builder::new().prefix("xs2a-").suffix(kind).tempfile().map_err(failed)?;
        file.write_all(bytes).map_err(failed)?;
        Ok(Self(file))
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    /// Leaves the file where it is.
    pub(crate) fn keep(self) -> Outcome<PathBuf> {
        let kept = self.0.keep().map_err(|error| Failure::file("the picture", &error.error))?;
        Ok(kept.1)
    }
}

const FLICKER: &str = r#"<!doctype html><meta charset="utf-8"><title>TAN</title>
<style>
  body { background: #000; display: flex; gap: 8px; padding: 40px }
  i { width: 48px; height: 200px; background: #000 }
  i.lit { background: #fff }
</style>
<i></i><i></i><i></i><i></i><i></i>
<script>
  const rows = ROWS, bars = document.querySelectorAll("i");
  let at = 0;
  const draw = () => bars.forEach((bar, i) => bar.classList.toggle("lit", rows[at]?.[i] === 1));
  setInterval(() => { at = (at + 1) % Math.max(rows.length, 1); draw(); }, 50);
  draw();
</script>
"#;
