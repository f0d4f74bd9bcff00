//! Decoding, beside strict structs of the same types.

use std::fmt::Debug;
use std::hint::black_box;

use serde::de::DeserializeOwned;
use xs2a_client::types;
use xs2a_client::wire::{Lenient, decode};

use crate::Error;
use crate::measure::{Comparison, Side};
use crate::payloads;
use crate::strict;

const CONNECTIONS: &str = "\
Strict structs with the same types: text, flags, counters, an enumeration, days, and instants of \
Europe/Berlin, each read by its library's own parser. The body is checked for UTF-8 once and read as \
text, which is faster than reading bytes, as `reqwest::Response::json` does. Our side accepts every form \
of a value that the service is known to send, limits the number of elements, and names the field that \
cannot be read. The third row is the same page with flags and counters written as text, which the strict \
structs cannot read at all.";

const TURNOVERS: &str = "\
Strict structs with the same types; amounts are read from the text of the number, because a float would \
lose digits. Our side also keeps the entries that cannot be read, and days such as the 30th of February.";

/// A page of 100 connections.
pub fn connections() -> Comparison<'static> {
    let mut comparison = compare::<strict::Page, types::ConnectionPage>(
        "connections",
        "decode a page of 100 connections",
        CONNECTIONS,
        payloads::connections(100),
        200,
        |page| page.data.len(),
        |page| page.data.len(),
    );
    let loose = payloads::loose_connections(100);
    let proven = loose.clone();
    comparison.sides.push(Side {
        name: "ours, flags and counters as text",
        prove: Box::new(move || {
            let page: types::ConnectionPage = decode(proven.as_bytes())?;
            Ok(format!("{:?}", strict::Page::from(page)))
        }),
        run: Box::new(move |times| {
            repeat(times, || {
                Ok(decode::<types::ConnectionPage>(black_box(loose.as_bytes()))?.data.len())
            })
        }),
    });
    comparison
}

/// An account with 1,000 turnovers.
pub fn turnovers() -> Comparison<'static> {
    compare::<strict::Turnovers, types::Turnovers>(
        "turnovers",
        "decode 1,000 turnovers",
        TURNOVERS,
        payloads::turnovers(1000),
        25,
        |all| all.turnovers.len(),
        |all| all.turnovers.len(),
    )
}

fn compare<Strict, Ours>(
    key: &'static str,
    title: &str,
    reason: &'static str,
    json: String,
    times: usize,
    strict_entries: fn(&Strict) -> usize,
    our_entries: fn(&Ours) -> usize,
) -> Comparison<'static>
where
    Strict: DeserializeOwned + Debug + From<Ours> + 'static,
    Ours: Lenient + 'static,
{
    let (bare, ours) = (json.clone(), json.clone());
    let (bare_proof, our_proof) = (json.clone(), json);
    let bare = Side {
        name: "strict structs",
        prove: Box::new(move || {
            Ok(format!("{:?}", strict::read::<Strict>(bare_proof.as_bytes())?))
        }),
        run: Box::new(move |times| {
            repeat(times, || Ok(strict_entries(&strict::read(black_box(bare.as_bytes()))?)))
        }),
    };
    let ours = Side {
        name: "ours",
        prove: Box::new(move || {
            Ok(format!("{:?}", Strict::from(decode::<Ours>(our_proof.as_bytes())?)))
        }),
        run: Box::new(move |times| {
            repeat(times, || Ok(our_entries(&decode(black_box(ours.as_bytes()))?)))
        }),
    };
    Comparison { key, title: title.to_owned(), reason, times, sides: vec![bare, ours] }
}

fn repeat(times: usize, job: impl Fn() -> Result<usize, Error>) -> Result<usize, Error> {
    (0..times).map(|_| job()).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_sides_read_the_same() {
        assert_eq!(connections().prove().map_err(|error| error.to_string()), Ok(()));
        assert_eq!(turnovers().prove().map_err(|error| error.to_string()), Ok(()));
    }
}
