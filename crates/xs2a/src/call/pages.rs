//! Lists that come in pages, read as streams.

use std::collections::{HashSet, VecDeque};
use std::future::poll_fn;
use std::hash::{BuildHasher, RandomState};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_core::Stream;
use futures_util::future::BoxFuture;
use futures_util::{StreamExt, TryStreamExt};
use xs2a_client::{Call, Client, Entries, Fate, Operation, UnreadableEntry, types};

use super::caller::Caller;
use crate::error::{Error, ErrorKind, Unreadable};

/// One page of a list. [`Pages::page`] gives it.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Page<T> {
    /// The entries of this page, with those that could not be read.
    pub items: Entries<T>,
    /// The number of this page, counted from 1.
    pub number: u32,
    /// The number of the last page, as the server sees it now. `u32::MAX` if it does not say.
    pub last: u32,
    /// How many entries there are on all pages.
    pub total: u64,
}

/// What tells that an entry on one page is the same as an entry on another page.
pub(crate) trait Entry {
    fn mark(&self, hasher: &RandomState) -> u64;
}

macro_rules! listed {
    ($($page:ident of $entry:ident by |$this:ident| $key:expr,)*) => {$(
        impl Entry for types::$entry {
            fn mark(&self, hasher: &RandomState) -> u64 {
                let $this = self;
                hasher.hash_one($key)
            }
        }

        impl From<types::$page> for Page<types::$entry> {
            fn from(page: types::$page) -> Self {
                Self {
                    items: page.data,
                    number: number(page.current_page).unwrap_or_default(),
                    last: number(page.last_page).unwrap_or(u32::MAX),
                    total: number(page.total).unwrap_or_default(),
                }
            }
        }
    )*};
}

listed! {
    ConnectionPage of Connection by |connection| &connection.id,
    BankUserPage of BankUser by |user| &user.id,
    AccessTokenPage of AccessToken by |token| &token.id,
    AccountPage of Account by |account| &account.id,
    EventPage of Event by |event| &event.id,
    // A bank code is no id: branches of a bank may share it.
    BankCodePage of BankCode by |bank| (
        (&bank.bank_code, &bank.bic, &bank.country_id, &bank.testmode),
        (&bank.name, &bank.short_name, &bank.city, &bank.xs2a_products),
    ),
}

fn number<W, N: TryFrom<W>>(wire: Option<W>) -> Option<N> {
    wire.and_then(|wire| N::try_from(wire).ok())
}

/// A page's number or size as the wire has it; both begin with 1.
fn count(number: u32) -> i32 {
    i32::try_from(number.max(1)).unwrap_or(i32::MAX)
}

/// The most pages one walk reads, and the most entries. A list that is longer than this is not a
/// list but a fault.
const MOST_PAGES: u32 = 10_000;
const MOST_ENTRIES: usize = 1_000_000;

/// So many pages in a row without a new entry are the end of a list.
const MOST_BARREN: u32 = 8;

type Fetch<T> = dyn Fn(u32, u32) -> Asked<T> + Send + Sync;

/// A page that is asked for, and by which operation.
struct Asked<T> {
    operation: Operation,
    answer: BoxFuture<'static, Result<Page<T>, Error>>,
}

/// All entries of a list: a [`Stream`] that asks for one page after the other as it is read.
///
/// Pages are asked for by number; the addresses that the server offers are never followed. Each
/// entry comes once, also when entries move between pages during the walk. The walk ends at an
/// empty page, at the highest number that an answer called the last, or after eight pages in a row
/// that brought nothing new. A list of more than 10,000 pages or a million entries ends in
/// [`ErrorKind::EndlessPages`], so that a server cannot keep the walk going for ever. After an error
/// the stream ends.
///
/// An entry that cannot be read costs no other entry. The stream gives all entries that can be read,
/// and ends in one error, [`ErrorKind::Undecodable`], whose [`unreadable`](Error::unreadable) has the
/// others. If a page fails, the error of that page has them. To have each in its place, and the end
/// of the list without an error, read the list [in place](Self::in_place).
///
/// An entry that is created during the walk may be seen or not. Two things can make the walk miss
/// an entry that was there all the time: an entry on a page read before is deleted, which moves the
/// first entry of the next page to the page before; or eight pages full of entries are created
/// between two calls.
///
/// Costs one call per page. The call is made when the entries before it have been read.
///
/// ```
/// # tokio::runtime::Runtime::new().unwrap().block_on(async {
/// # let sandbox = xs2a_sandbox::Sandbox::start().await.unwrap();
/// # let api = xs2a::ApiClient::builder(sandbox.api_key()).base_url(sandbox.base_url()).build()?;
/// let mut users = api.users().list().per_page(50);
/// while let Some(user) = users.next().await {
///     println!("{}", user?.id);
/// }
/// // One page, with what the server says of the list:
/// let page = api.users().list().page(1).await?;
/// println!("{} of {} users", page.items.len(), page.total);
/// // The whole list in memory:
/// let users = api.users().list().all().await?;
/// # assert!(users.is_empty());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # }).unwrap();
/// ```
#[must_use = "a stream does nothing until it is read"]
pub struct Pages<T> {
    fetch: Box<Fetch<T>>,
    mark: fn(&T, &RandomState) -> u64,
    per_page: u32,
    ready: VecDeque<Result<T, UnreadableEntry>>,
    /// Marks of the entries, not the entries: the server decides how long an entry is.
    seen: HashSet<u64>,
    /// How many entries there have been, those that could not be read included.
    position: usize,
    /// What could not be read, for the error at the end.
    unreadable: Unreadable,
    asked: Option<Asked<T>>,
    /// The number of the page to be asked for next.
    next: u32,
    operation: Option<Operation>,
    read: u32,
    barren: u32,
    /// The page at which the walk ends, as far as is known.
    last: u32,
}

impl Caller {
    /// The list that `call` asks for, given a page's number and how many entries a page has.
    pub(crate) fn pages<P, T>(
        &self,
        call: impl Fn(&Client, i32, i32) -> Call<P> + Send + Sync + 'static,
    ) -> Pages<T>
    where
        P: Send + 'static,
        T: Entry + 'static,
        Page<T>: From<P>,
    {
        let caller = self.clone();
        Pages::new(move |number, per_page| {
            let call = call(&caller.client, count(number), count(per_page));
            let (caller, operation) = (caller.clone(), call.operation());
            let answer = async move { caller.call(call).await.map(Page::from) };
            Asked { operation, answer: Box::pin(answer) }
        })
    }
}

impl<T> Pages<T> {
    fn new(fetch: impl Fn(u32, u32) -> Asked<T> + Send + Sync + 'static) -> Self
    where
        T: Entry,
    {
        Self {
            fetch: Box::new(fetch),
            mark: T::mark,
            per_page: 15,
            ready: VecDeque::new(),
            seen: HashSet::new(),
            position: 0,
            unreadable: Unreadable::default(),
            asked: None,
            next: 1,
            operation: None,
            read: 0,
            barren: 0,
            last: 1,
        }
    }

    /// Obeys the page and the page size that a query sets.
    pub(crate) fn starting_with(mut self, page: Option<i32>, per_page: Option<i32>) -> Self {
        let number = |wire: i32| u32::try_from(wire).unwrap_or(1).max(1);
        self.next = page.map_or(self.next, number);
        self.last = self.next;
        self.per_page = per_page.map_or(self.per_page, number);
        self
    }

    /// Asks for pages of `entries` each. To be set before the first entry is read. Default: 15, as
    /// the official clients ask for. The most that the service allows is not documented.
    pub fn per_page(mut self, entries: u32) -> Self {
        self.per_page = entries;
        self
    }

    /// One page by its number, counted from 1. The stream stays where it is. One call.
    pub fn page(
        &self,
        number: u32,
    ) -> impl Future<Output = Result<Page<T>, Error>> + Send + use<T> {
        (self.fetch)(number, self.per_page).answer
    }

    /// The next entry. The same as [`StreamExt::next`], without an import.
    pub async fn next(&mut self) -> Option<Result<T, Error>> {
        StreamExt::next(self).await
    }

    /// Reads the whole list into memory.
    ///
    /// # Errors
    /// The error in which the stream ends. What was read before is dropped, so an entry that cannot
    /// be read costs the whole list; [`InPlace::all`] keeps the others.
    pub async fn all(self) -> Result<Vec<T>, Error> {
        self.try_collect().await
    }

    /// The same list with all entries in place: those that can be read, and those that cannot. An
    /// entry that cannot be read is no error of the list.
    ///
    /// ```
    /// # tokio::runtime::Runtime::new().unwrap().block_on(async {
    /// # let sandbox = xs2a_sandbox::Sandbox::start().await.unwrap();
    /// # let api = xs2a::ApiClient::builder(sandbox.api_key()).base_url(sandbox.base_url()).build()?;
    /// let mut users = api.users().list().in_place();
    /// while let Some(user) = users.next().await {
    ///     match user? {
    ///         Ok(user) => println!("{}", user.id),
    ///         Err(unreadable) => eprintln!("{unreadable}"),
    ///     }
    /// }
    /// // The whole list in memory:
    /// let users = api.users().list().in_place().all().await?;
    /// assert!(users.unreadable().is_empty());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).unwrap();
    /// ```
    pub fn in_place(self) -> InPlace<T> {
        InPlace(self)
    }

    fn accept(&mut self, page: Page<T>) {
        self.read += 1;
        self.next = self.next.saturating_add(1);
        self.last = self.last.max(page.last);
        let (mut is_empty, mut is_barren) = (true, true);
        for entry in page.items.into_in_place() {
            is_empty = false;
            let is_new = self.seen.insert(match &entry {
                Ok(entry) => (self.mark)(entry, self.seen.hasher()),
                // Not the mark of an entry whose id has the same text.
                Err(entry) => self.seen.hasher().hash_one((false, entry.json())),
            });
            is_barren &= !is_new;
            // Two entries that cannot be read may be equal without being the same.
            if is_new || entry.is_err() {
                self.ready.push_back(entry.map_err(|entry| entry.at(self.position)));
                self.position += 1;
            }
        }
        self.barren = if is_barren { self.barren + 1 } else { 0 };
        if is_empty || self.barren == MOST_BARREN {
            self.end();
        }
    }

    /// Asks for no further page.
    fn end(&mut self) {
        self.last = 0;
    }

    fn endless(&self, operation: Operation) -> Error {
        Error::new(operation, ErrorKind::EndlessPages, Fate::Acted).saying(format!(
            "there were further pages after {} pages with {} entries",
            self.read,
            self.seen.len()
        ))
    }
}

impl<T> Pages<T> {
    /// The next entry in its place, whether it can be read or not.
    fn poll_in_place(&mut self, context: &mut Context<'_>) -> Poll<Option<InPlaceEntry<T>>> {
        loop {
            if let Some(entry) = self.ready.pop_front() {
                return Poll::Ready(Some(Ok(entry)));
            }
            if self.asked.is_none() && self.next > self.last {
                return Poll::Ready(None);
            }
            let (fetch, number, per_page) = (&self.fetch, self.next, self.per_page);
            let asked = self.asked.get_or_insert_with(|| fetch(number, per_page));
            if self.read >= MOST_PAGES || self.seen.len() >= MOST_ENTRIES {
                let operation = asked.operation;
                self.asked = None;
                self.end();
                return Poll::Ready(Some(Err(self.endless(operation))));
            }
            self.operation = Some(asked.operation);
            let answer = ready!(asked.answer.as_mut().poll(context));
            self.asked = None;
            match answer {
                Ok(page) => self.accept(page),
                Err(error) => {
                    self.end();
                    return Poll::Ready(Some(Err(error)));
                }
            }
        }
    }

    /// All entries that can be read, and the error in which the stream ends if some cannot be read.
    pub(crate) async fn all_readable(mut self) -> Result<(Vec<T>, Option<Error>), Error> {
        let mut entries = Vec::new();
        while let Some(entry) = poll_fn(|context| self.poll_in_place(context)).await {
            match entry? {
                Ok(entry) => entries.push(entry),
                Err(unreadable) => self.unreadable.add(unreadable),
            }
        }
        Ok((entries, self.incomplete()))
    }

    /// The error of a walk that met entries which could not be read. It comes once.
    fn incomplete(&mut self) -> Option<Error> {
        let unreadable = std::mem::take(&mut self.unreadable);
        let operation = self.operation.filter(|_| !unreadable.is_empty())?;
        let error = Error::new(operation, ErrorKind::Undecodable, Fate::Acted);
        Some(error.with_unreadable(unreadable))
    }
}

// No entry is pinned: they are moved out one by one.
impl<T> Unpin for Pages<T> {}

impl<T> Stream for Pages<T> {
    type Item = Result<T, Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            return Poll::Ready(match ready!(self.poll_in_place(context)) {
                Some(Ok(Ok(entry))) => Some(Ok(entry)),
                Some(Ok(Err(unreadable))) => {
                    self.unreadable.add(unreadable);
                    continue;
                }
                Some(Err(error)) => {
                    Some(Err(error.with_unreadable(std::mem::take(&mut self.unreadable))))
                }
                None => self.incomplete().map(Err),
            });
        }
    }
}

/// An entry of a list that was read in place, or the error of a page.
type InPlaceEntry<T> = Result<Result<T, UnreadableEntry>, Error>;

/// All entries of a list, those that cannot be read in place of the others. [`Pages::in_place`] gives
/// it.
///
/// Each entry is `Ok` of what was read, or `Ok` of an [`UnreadableEntry`], whose position is that in
/// the whole list. An error is that of a page, and the end.
///
/// An entry that cannot be read has no id by which it could be known. If such an entry moves from one
/// page to another page during the walk, it comes twice.
#[must_use = "a stream does nothing until it is read"]
pub struct InPlace<T>(Pages<T>);

impl<T> InPlace<T> {
    /// The next entry. The same as [`StreamExt::next`], without an import.
    pub async fn next(&mut self) -> Option<Result<Result<T, UnreadableEntry>, Error>> {
        StreamExt::next(self).await
    }

    /// Reads the whole list into memory.
    ///
    /// # Errors
    /// The error of the first page that fails. What was read before is dropped.
    pub async fn all(self) -> Result<Entries<T>, Error> {
        let entries: Vec<_> = self.try_collect().await?;
        Ok(entries.into_iter().collect())
    }
}

impl<T> Stream for InPlace<T> {
    type Item = Result<Result<T, UnreadableEntry>, Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.poll_in_place(context)
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    impl Entry for u32 {
        fn mark(&self, hasher: &RandomState) -> u64 {
            hasher.hash_one(self)
        }
    }

    #[tokio::test]
    async fn a_list_of_too_many_entries_is_an_error() {
        let mut list = Pages::new(|number, _| {
            let first = (number - 1) * 400_000;
            let items = (first..first + 400_000).collect();
            let page = Page { items, number, last: 9, total: 0 };
            let answer = async move { Ok(page) }.boxed();
            Asked { operation: Operation::ListEvents, answer }
        });
        let mut read = 0;
        let error = loop {
            match list.next().await.expect("an error before the end") {
                Ok(_) => read += 1,
                Err(error) => break error,
            }
        };
        assert_eq!((error.kind(), read), (ErrorKind::EndlessPages, 1_200_000));
        assert!(list.next().await.is_none());
    }
}
