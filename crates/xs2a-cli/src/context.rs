//! What every command works with.

use tokio::sync::Notify;
use xs2a::Pages;

use crate::failure::Outcome;
use crate::options::Global;
use crate::output::{self, Format, Record};
use crate::records::DeletionRecord;
use crate::service::Service;

/// The service that is asked, and how to print.
pub(crate) struct Context {
    pub(crate) service: Service,
    pub(crate) format: Format,
    /// Ctrl-C. The command listens to the signal in one place, and tells it here to what it ends.
    pub(crate) interrupted: Notify,
}

impl Context {
    pub(crate) async fn new(options: &Global) -> Outcome<Self> {
        let service = Service::open(options).await?;
        Ok(Self { service, format: options.output, interrupted: Notify::new() })
    }

    /// Prints the first entries of a list, all where there is no limit. What cannot be read costs
    /// itself: the rest is printed, and then the list fails.
    pub(crate) async fn list<T, R: Record>(
        &self,
        pages: Pages<T>,
        limit: Option<usize>,
        record: impl Fn(&T) -> Outcome<R>,
    ) -> Outcome {
        let per_page = limit.unwrap_or(100).clamp(1, 100);
        let mut pages = pages.per_page(u32::try_from(per_page).unwrap_or(100));
        let (mut records, mut failure) = (Vec::new(), None);
        while limit.is_none_or(|limit| records.len() < limit) {
            match pages.next().await {
                Some(Ok(entry)) => records.push(record(&entry)?),
                Some(Err(error)) => {
                    failure = Some(error.into());
                    break;
                }
                None => break,
            }
        }
        match failure {
            Some(failure) if records.is_empty() => return Err(failure),
            _ => output::list(self.format, &records)?,
        }
        failure.map_or(Ok(()), Err)
    }

    /// Prints one thing.
    pub(crate) fn show<R: Record>(&self, record: &R) -> Outcome {
        output::one(self.format, record)
    }

    /// Tells what is gone.
    pub(crate) fn deleted(&self, what: &'static str, id: &str) -> Outcome {
        self.show(&DeletionRecord { deleted: what, id: id.to_owned() })
    }
}
