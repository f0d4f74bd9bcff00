//! One policy for all workers of a store.

use crate::error::Error;
use crate::rules::FleetPolicy;
use crate::store::Store;

/// Brings the policy and the store together. Gives the policy as the store keeps it.
pub(super) async fn settle_policy(store: &Store, policy: &FleetPolicy) -> Result<String, Error> {
    let ours = serde_json::to_string(policy)
        .map_err(|error| Error::Policy(format!("it cannot be stored: {error}")))?;
    loop {
        let theirs = store.policy(&ours).await?;
        if theirs == ours {
            return Ok(ours);
        }
        let read: Option<FleetPolicy> = serde_json::from_str(&theirs).ok();
        // A worker lives by the lease of its own policy, which may be longer than ours.
        let lease = read.as_ref().map_or(policy.lease, |theirs| policy.lease.max(theirs.lease));
        let workers = store.workers(lease).await?;
        if workers > 0 {
            let differs = read.map(|theirs| policy.differences(&theirs).join(", "));
            let differs = differs.unwrap_or_else(|| "its form".to_owned());
            return Err(Error::OtherPolicy { workers: workers as u64, differs });
        }
        store.change_policy(&theirs, &ours).await?;
    }
}
