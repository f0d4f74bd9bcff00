//! What the handlers of requests share: the service and the switch of the port.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use axum::response::Response;
use url::Host;

use super::response::Http;
use crate::{
    answer::{Answer, Outcome},
    line::{Grip, Switch},
    service::Service,
};

/// The service, shared by requests and by the test.
#[derive(Clone, Debug)]
pub(crate) struct Shared(Arc<Mutex<Service>>);

impl Shared {
    pub(crate) fn new(service: Service) -> Self {
        Self(Arc::new(Mutex::new(service)))
    }

    /// The service, at the present time.
    pub(crate) fn lock(&self) -> MutexGuard<'_, Service> {
        let mut service = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        service.catch_up();
        service
    }
}

/// What the handlers of requests need.
#[derive(Clone, Debug)]
pub(crate) struct Server {
    pub(crate) shared: Shared,
    pub(crate) switch: Arc<Switch>,
    /// Names of this server under which orders are taken, besides loopback names.
    pub(crate) control_hosts: Arc<[Host]>,
    /// Whether pages of other servers on this machine may call this one.
    pub(crate) cors: bool,
}

impl Server {
    pub(super) fn respond(&self, outcome: Outcome) -> Response {
        let now = self.shared.lock().now();
        Http::new(outcome.unwrap_or_else(Answer::from), now).into()
    }

    /// Closes the port for this long. The connection that has asked for it stays open.
    pub(super) async fn refuse_for(&self, lasting: Duration, asking: &Grip) {
        self.switch.refuse(Some(asking)).await;
        let switch = Arc::clone(&self.switch);
        tokio::spawn(async move {
            tokio::time::sleep(lasting).await;
            switch.listen().await;
        });
    }
}
