//! What the handlers of requests share: the service and the switch of the port.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use crate::{
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

    pub(crate) fn lock(&self) -> MutexGuard<'_, Service> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What the handlers of requests need.
#[derive(Clone, Debug)]
pub(crate) struct Server {
    pub(crate) shared: Shared,
    pub(crate) switch: Arc<Switch>,
}

impl Server {
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
