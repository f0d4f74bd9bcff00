//! The right to erasure: everything of a bank user deleted.

use std::error::Error as StdError;
use std::fmt;

use crate::call::Pages;
use crate::client::ApiClient;
use crate::error::{Error, ErrorKind};
use crate::ids::UserId;

/// What was deleted of a bank user.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Forgotten {
    /// Connections that were deleted.
    pub connections: usize,
    /// Accounts that were deleted, with their balances and turnovers.
    pub accounts: usize,
    /// Access tokens that were deleted.
    pub tokens: usize,
}

/// An erasure that did not come to its end.
#[derive(Debug)]
#[non_exhaustive]
pub struct ForgetError {
    /// What was deleted before the error.
    pub forgotten: Forgotten,
    /// The call that failed.
    pub source: Error,
}

impl fmt::Display for ForgetError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { forgotten: Forgotten { connections, accounts, tokens }, source } = self;
        write!(
            f,
            "the bank user is not forgotten: {source} (deleted before: {connections} connections, \
             {accounts} accounts, {tokens} tokens); forget the user again to go on"
        )
    }
}

impl StdError for ForgetError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        Some(&self.source)
    }
}

impl ApiClient {
    /// Deletes a bank user with everything that belongs to the user: connections first, so that no
    /// sync brings accounts back, then accounts, which outlive their connections, then access tokens,
    /// and the user last.
    ///
    /// An erasure that failed goes on where it was when this is called again. Costs a call for each
    /// thing, one for each page of the lists, and one for a token.
    ///
    /// # Errors
    /// [`ForgetError`], which says what was deleted before. Its source is
    /// [`ErrorKind::NotFound`] when there is no such user, and has the
    /// [entries](Error::unreadable) of a list that could not be read: the user is not deleted before
    /// they are.
    ///
    /// ```
    /// # tokio::runtime::Runtime::new().unwrap().block_on(async {
    /// # let sandbox = xs2a_sandbox::Sandbox::start().await.unwrap();
    /// # let api = xs2a::ApiClient::builder(sandbox.api_key()).base_url(sandbox.base_url()).build()?;
    /// # let ada = sandbox.add_user("Ada");
    /// # sandbox.add_connection(&ada, xs2a_sandbox::ConnectionSeed::new(xs2a_sandbox::SyncMode::Full));
    /// let forgotten = api.forget_user(ada.id()).await?;
    /// assert_eq!(forgotten.connections, 1);
    /// assert!(forgotten.accounts > 0);
    /// assert!(api.users().get(ada.id()).await.is_err());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).unwrap();
    /// ```
    pub async fn forget_user(&self, user: impl Into<UserId>) -> Result<Forgotten, ForgetError> {
        let mut forgotten = Forgotten::default();
        match self.erase(&user.into(), &mut forgotten).await {
            Ok(()) => Ok(forgotten),
            Err(source) => Err(ForgetError { forgotten, source }),
        }
    }

    async fn erase(&self, id: &UserId, forgotten: &mut Forgotten) -> Result<(), Error> {
        // A user that is not there gets no token made.
        self.users().get(id).await?;
        let user = self.user(id);
        let (connections, accounts, tokens) =
            (user.connections(), user.accounts(), self.access_tokens(id));
        let count = &mut forgotten.connections;
        erase_all(connections.list(), count, |found| connections.delete(found.id)).await?;
        let count = &mut forgotten.accounts;
        erase_all(accounts.list(), count, |found| accounts.delete(found.id)).await?;
        let count = &mut forgotten.tokens;
        erase_all(tokens.list(), count, |found| tokens.delete(found.id)).await?;
        self.users().delete(id).await
    }
}

/// Deletes all entries of a list, and counts them. The list is read to its end first, because pages
/// move when something is deleted. What another process has deleted meanwhile is no failure; an entry
/// that cannot be read is one, after the others were deleted.
async fn erase_all<T, D>(
    list: Pages<T>,
    count: &mut usize,
    delete: impl Fn(T) -> D,
) -> Result<(), Error>
where
    D: Future<Output = Result<(), Error>>,
{
    let (found, incomplete) = list.all_readable().await?;
    for entry in found {
        match delete(entry).await {
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            deleted => {
                deleted?;
                *count += 1;
            }
        }
    }
    incomplete.map_or(Ok(()), Err)
}
