//! What anybody posts to the address of a webhook.

use xs2a::{Delivery, Operation};

use crate::{assert_fit_to_log, seeds};

/// The body of a delivery.
pub fn run(data: &[u8]) {
    match Delivery::parse(data) {
        Ok(delivery) => {
            let (key, connection) = (delivery.connection_key(), delivery.connection());
            if let (Some(key), Some(connection)) = (&key, &connection)
                && !connection.id.as_str().is_empty()
            {
                assert_eq!(key.as_str(), connection.id.as_str());
            }
            assert!(!format!("{delivery:?} {key:?} {connection:?}").is_empty());
            assert_eq!(delivery.event_id(), delivery.event().id);
        }
        Err(error) => assert_fit_to_log(&error.to_string()),
    }
}

/// Events whose data is a connection, an account, or what the spec shows.
pub fn seeds() -> Vec<Vec<u8>> {
    let bodies = seeds::bodies();
    let of = |wanted: Operation| {
        let found = bodies.iter().filter(move |(operation, _)| *operation == wanted);
        found.map(|(_, body)| body.clone())
    };
    let mut seeds: Vec<Vec<u8>> =
        of(Operation::GetEvent).map(|event| event.to_string().into_bytes()).collect();
    for event in of(Operation::GetEvent) {
        for data in of(Operation::GetConnection).chain(of(Operation::GetAccount)) {
            let mut event = event.clone();
            event["data"] = data;
            seeds.push(event.to_string().into_bytes());
        }
    }
    seeds
}
