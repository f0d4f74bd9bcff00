//! Writes the seeds of every target: `cargo run -p xs2a-fuzz-targets --bin seeds -- fuzz/corpus`.

use std::path::PathBuf;
use std::{fs, io};

use xs2a_fuzz_targets::TARGETS;

fn main() -> io::Result<()> {
    let corpus =
        std::env::args_os().nth(1).map_or_else(|| PathBuf::from("fuzz/corpus"), PathBuf::from);
    for target in TARGETS {
        let folder = corpus.join(target.name);
        fs::create_dir_all(&folder)?;
        let seeds = (target.seeds)();
        for (number, seed) in seeds.iter().enumerate() {
            fs::write(folder.join(format!("seed-{number}")), seed)?;
        }
        println!("{:8} {} seeds", target.name, seeds.len());
    }
    Ok(())
}
