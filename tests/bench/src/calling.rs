//! Calls, beside bare reqwest that sends the same bytes and reads the answer into strict structs.

use std::rc::Rc;
use std::time::Duration;

use futures_util::future::try_join_all;
use reqwest::header::{ACCEPT, CONTENT_TYPE};
use tokio::runtime::Runtime;
use xs2a::UserClient;
use xs2a_client::types::SyncConnectionRequest;

use crate::measure::{Comparison, Side};
use crate::server::{HOUR, Server};
use crate::{Error, runtime, strict};

/// How many calls are under way at once.
const AT_ONCE: usize = 64;

const TOKEN: &str = "access-token-0123456789";
const CONNECTION: &str = "con0000000000001";
const PER_PAGE: u32 = 15;

const PAGE: &str = "\
64 calls at once over kept connections, with plain HTTP on this machine. The other side is what a careful \
user writes: one `reqwest::Client` with the same settings, a time-out for each call, the status checked, \
the body read into the strict structs from above. Both sides send the same bytes. Our side also keeps the \
deadline, the retry rules with their budget, the limit of the body, the server's clock, and a span for \
tracing that nobody listens to.";

const SYNC: &str = "\
The same for a call with a small body and an empty answer: the bare sync, without a look before it. Both \
sides run the same number of instructions, as `cargo xtask bench --check` counts them. What is left are a \
few looks at the clock and, most likely, memory that our side touches beside reqwest's own. The ratio depends \
on who else uses the caches: it was between 1.03 and 1.11 while up to 15 other processes ran on the two cores.";

/// The side without this client.
#[derive(Clone)]
struct Bare {
    http: reqwest::Client,
    url: String,
}

impl Bare {
    fn new(url: &str) -> Result<Self, Error> {
        let http = reqwest::Client::builder()
            .user_agent(concat!("xs2a-rust/", "0.1.0+api.1.0.0"))
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .http1_only()
            .connect_timeout(Duration::from_secs(10))
            .pool_idle_timeout(Duration::from_secs(4))
            .build()?;
        Ok(Self { http, url: url.to_owned() })
    }

    async fn page(&self) -> Result<strict::Page, Error> {
        let url = format!("{}/v1/api/connections?page=1&per_page={PER_PAGE}", self.url);
        let request = self.http.get(url).basic_auth("api", Some(TOKEN));
        let request = request.header(ACCEPT, "application/json").timeout(Duration::from_secs(20));
        let answer = request.send().await?.error_for_status()?;
        strict::read(&answer.bytes().await?)
    }

    async fn sync(&self) -> Result<(), Error> {
        let url = format!("{}/v1/api/connections/{CONNECTION}/sync", self.url);
        let body = serde_json::to_string(&strict::SyncRequest { force: true })?;
        let request = self.http.post(url).basic_auth("api", Some(TOKEN));
        let request = request.header(ACCEPT, "application/json");
        let request = request.header(CONTENT_TYPE, "application/json").body(body);
        let answer = request.timeout(Duration::from_secs(180)).send().await?.error_for_status()?;
        match answer.status().as_u16() {
            204 => Ok(()),
            status => Err(format!("status {status}").into()),
        }
    }
}

fn ours(url: &str) -> Result<xs2a::Connections, Error> {
    Ok(UserClient::builder(TOKEN).base_url(url).build()?.connections())
}

/// What both sides need, alive for as long as they are.
struct Stage {
    server: Server,
    runtime: Runtime,
    at_once: usize,
}

impl Stage {
    fn new(at_once: usize) -> Result<Rc<Self>, Error> {
        Ok(Rc::new(Self { server: Server::start(HOUR)?, runtime: runtime()?, at_once }))
    }

    /// Makes so many calls, and gives the number of entries that came of them.
    fn run<F>(&self, times: usize, call: impl Fn() -> F) -> Result<usize, Error>
    where
        F: Future<Output = Result<usize, Error>>,
    {
        let each = async |count: usize| {
            let mut entries = 0;
            for _ in 0..count {
                entries += call().await?;
            }
            Ok::<_, Error>(entries)
        };
        let all = try_join_all((0..self.at_once).map(|_| each(times / self.at_once)));
        Ok(self.runtime.block_on(all)?.into_iter().sum())
    }

    /// Makes one call, and gives what came of it and what the server saw of it.
    fn prove<T>(&self, call: impl Future<Output = Result<T, Error>>) -> Result<String, Error>
    where
        T: std::fmt::Debug,
    {
        let before = self.server.seen()?.requests;
        let made = self.runtime.block_on(call)?;
        let seen = self.server.seen()?;
        let (requests, last) = (seen.requests - before, seen.last_sorted());
        Ok(format!("{requests} request\n{last}\n{made:?}"))
    }
}

/// A page of 15 connections.
///
/// # Errors
/// When the server cannot be started.
pub fn page(at_once: Option<usize>) -> Result<Comparison<'static>, Error> {
    let stage = Stage::new(at_once.unwrap_or(AT_ONCE))?;
    let (bare, ours) = (Bare::new(stage.server.url())?, ours(stage.server.url())?);
    let (proving, our_proving) = (bare.clone(), ours.clone());
    let (a, b, c, d) = (Rc::clone(&stage), Rc::clone(&stage), Rc::clone(&stage), stage);
    Ok(Comparison {
        key: "page",
        title: format!("get a page of {PER_PAGE} connections"),
        reason: PAGE,
        times: 6400,
        sides: vec![
            Side {
                name: "bare reqwest, strict structs",
                prove: Box::new(move || a.prove(proving.page())),
                run: Box::new(move |times| {
                    b.run(times, || async { Ok(bare.page().await?.data.len()) })
                }),
            },
            Side {
                name: "ours",
                prove: Box::new(move || {
                    c.prove(async {
                        Ok(page_of(our_proving.list().per_page(PER_PAGE).page(1).await?))
                    })
                }),
                run: Box::new(move |times| {
                    d.run(times, || async {
                        Ok(ours.list().per_page(PER_PAGE).page(1).await?.items.len())
                    })
                }),
            },
        ],
    })
}

/// The page as a careful user would hold it. The addresses that the server offers are not used, and
/// the layer does not hand them on.
fn page_of(page: xs2a::Page<xs2a::types::Connection>) -> strict::Page {
    let entries = i64::try_from(page.items.len()).ok();
    strict::Page {
        total: i64::try_from(page.total).ok(),
        per_page: i32::try_from(PER_PAGE).ok(),
        current_page: i32::try_from(page.number).ok(),
        last_page: i32::try_from(page.last).ok(),
        next_page_url: None,
        prev_page_url: None,
        from: Some(1),
        to: entries,
        data: page.items.iter().cloned().map(strict::Connection::from).collect(),
    }
}

/// A sync of a connection, without a look.
///
/// # Errors
/// When the server cannot be started.
pub fn sync(at_once: Option<usize>) -> Result<Comparison<'static>, Error> {
    let stage = Stage::new(at_once.unwrap_or(AT_ONCE))?;
    let (bare, ours) = (Bare::new(stage.server.url())?, ours(stage.server.url())?);
    let (proving, our_proving) = (bare.clone(), ours.clone());
    let (a, b, c, d) = (Rc::clone(&stage), Rc::clone(&stage), Rc::clone(&stage), stage);
    Ok(Comparison {
        key: "sync",
        title: "ask for a sync".to_owned(),
        reason: SYNC,
        times: 6400,
        sides: vec![
            Side {
                name: "bare reqwest",
                prove: Box::new(move || a.prove(proving.sync())),
                run: Box::new(move |times| {
                    b.run(times, || async { bare.sync().await.map(|()| 1) })
                }),
            },
            Side {
                name: "ours",
                prove: Box::new(move || c.prove(our_sync(&our_proving))),
                run: Box::new(move |times| {
                    d.run(times, || async { our_sync(&ours).await.map(|()| 1) })
                }),
            },
        ],
    })
}

async fn our_sync(ours: &xs2a::Connections) -> Result<(), Error> {
    let request = SyncConnectionRequest::new().force(true);
    match ours.sync_without_rules(CONNECTION, &request).await? {
        xs2a::types::SyncConnectionResponse::NoContent => Ok(()),
        other => Err(format!("{other:?}").into()),
    }
}
