//! The wizard in a web app: one request shows a form, another takes the answer, maybe in another
//! process.
//!
//! ```text
//! cargo run -p xs2a --example wizard_web -- 127.0.0.1:8080 wizard-data
//! ```
//!
//! Then open `http://127.0.0.1:8080`. The pages keep nothing in memory. What has to survive a request
//! is in a folder, without secrets: which transaction belongs to which user, which form was shown, and
//! why the last answers were rejected. The key of the wizard session is fetched again with the API
//! key. So any process that shares the folder can take the next request.
//!
//! Without `XS2A_API_KEY` a sandbox of its own plays the service.

use std::error::Error;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{Form as Posted, Path, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use serde::{Deserialize, Serialize};
use tokio::net::TcpListener;
use xs2a::sync::{LoginOutcome, PendingSession};
use xs2a::types::{CreateBankUserRequest, CreateConnectionRequest, WizardElement};
use xs2a::wizard::{Element, Form, Markup, Span, Wizard, WizardStep};
use xs2a::{ApiClient, UserId};
use xs2a_sandbox::Sandbox;

type Outcome<T> = Result<T, Failure>;

/// What survives a request: no key, and nothing that the user has entered.
#[derive(Serialize, Deserialize)]
struct Stored {
    user: UserId,
    session: PendingSession,
    /// The name of the form that was shown last, and why its answers were rejected.
    form: Option<String>,
    rejections: Vec<String>,
    /// The session waits for something outside, such as an approval in the app of the bank.
    is_waiting: bool,
}

struct App {
    api: ApiClient,
    folder: PathBuf,
}

impl App {
    fn path(&self, id: &str) -> Outcome<PathBuf> {
        let is_plain = id.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '-');
        if !is_plain || id.is_empty() {
            return Err(Failure(StatusCode::NOT_FOUND, "no such login".to_owned()));
        }
        Ok(self.folder.join(format!("{id}.json")))
    }

    fn load(&self, id: &str) -> Outcome<Stored> {
        let json = std::fs::read(self.path(id)?)
            .map_err(|_| Failure(StatusCode::NOT_FOUND, "no such login".to_owned()))?;
        Ok(serde_json::from_slice(&json)?)
    }

    /// Writes beside, then renames: a reader finds the old file or the new one.
    fn store(&self, id: &str, stored: &Stored) -> Outcome<()> {
        let path = self.path(id)?;
        let beside = path.with_extension("new");
        std::fs::write(&beside, serde_json::to_vec(stored)?)?;
        std::fs::rename(beside, path)?;
        Ok(())
    }

    /// The wizard of a stored session: the service gives its key again.
    async fn wizard(&self, stored: &Stored) -> Outcome<Wizard> {
        let session = self.api.sessions().get(stored.session.transaction()).await?;
        let key = session.wizard_session_key.ok_or_else(|| {
            Failure(StatusCode::GONE, "the session is over; begin again".to_owned())
        })?;
        Ok(self.api.user(&stored.user).wizard(key))
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let address = arguments.next().unwrap_or_else(|| "127.0.0.1:8080".to_owned());
    let folder = PathBuf::from(arguments.next().unwrap_or_else(|| "wizard-data".to_owned()));
    std::fs::create_dir_all(&folder)?;

    let sandbox;
    let api = match std::env::var_os("XS2A_API_KEY") {
        Some(_) => ApiClient::from_env()?.build()?,
        None => {
            sandbox = Sandbox::builder().starts_at_now().start().await?;
            ApiClient::builder(sandbox.api_key()).base_url(sandbox.base_url()).build()?
        }
    };
    let routes = Router::new()
        .route("/", get(home))
        .route("/logins", post(begin))
        .route("/logins/{id}", get(show).post(answer))
        .with_state(Arc::new(App { api, folder }));
    let listener = TcpListener::bind(address).await?;
    println!("listening on http://{}", listener.local_addr()?);
    axum::serve(listener, routes).await?;
    Ok(())
}

async fn home() -> Html<String> {
    page("<form method=post action=/logins><button>Connect a bank account</button></form>")
}

/// Begins a connection, and sends the browser to its first form.
async fn begin(State(app): State<Arc<App>>) -> Outcome<Redirect> {
    // A web app knows its user; this one makes a user for each login.
    let request = CreateBankUserRequest::new("Erika Mustermann", "erika@example.com");
    let user = app.api.users().create(&request).await?.id;
    let connections = app.api.user(&user).connections();
    let session = connections.create(&CreateConnectionRequest::new()).await?;
    let id = session.transaction().to_string();
    let session = session.pending().clone();
    let stored = Stored { user, session, form: None, rejections: Vec::new(), is_waiting: false };
    app.store(&id, &stored)?;
    Ok(Redirect::to(&format!("/logins/{id}")))
}

/// Shows where the session stands. The browser may reload this page as often as it likes.
async fn show(State(app): State<Arc<App>>, Path(id): Path<String>) -> Outcome<Response> {
    let mut stored = app.load(&id)?;
    let wizard = app.wizard(&stored).await?;
    // A session that waits is polled: opened anew with each reload, the wait might never end.
    let step = if stored.is_waiting { wizard.poll().await? } else { wizard.open().await? };
    let shown = match &step {
        WizardStep::Form(form) | WizardStep::Rejected(form) => {
            stored.form = Some(form.name().to_owned());
            stored.is_waiting = false;
            render(form, &stored.rejections)
        }
        WizardStep::Waiting(waiting) => {
            stored.is_waiting = true;
            let seconds = waiting.interval.max(Duration::from_secs(1)).as_secs();
            let shown = waiting.form.as_ref().map_or_else(String::new, |form| render(form, &[]));
            format!(
                "<meta http-equiv=refresh content={seconds}>\
                 <p>Please approve in the app of your bank.</p>{shown}"
            )
        }
        WizardStep::Completed(_) => return Ok(finish(&app, &stored).await?.into_response()),
        WizardStep::Failed(failed) => format!("<p role=alert>{}</p>", escape(&failed.to_string())),
    };
    app.store(&id, &stored)?;
    Ok(page(&shown).into_response())
}

/// Takes the answers of a form, sends them once, and redirects: a reload of the next page sends
/// nothing again.
async fn answer(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    Posted(pairs): Posted<Vec<(String, String)>>,
) -> Outcome<Redirect> {
    let mut stored = app.load(&id)?;
    let wizard = app.wizard(&stored).await?;
    let next = Redirect::to(&format!("/logins/{id}"));
    let form = match wizard.open().await? {
        WizardStep::Form(form) | WizardStep::Rejected(form) => form,
        // The session went on meanwhile, in another tab for example.
        _ => return Ok(next),
    };
    if stored.form.as_deref() != Some(form.name()) {
        return Ok(next);
    }
    let step = match form.answers().fill(pairs) {
        Ok(answers) => wizard.send(answers).await?,
        Err(error) => {
            stored.rejections = vec![error.to_string()];
            app.store(&id, &stored)?;
            return Ok(next);
        }
    };
    // The reason of a rejection has to survive the redirect.
    stored.rejections = match &step {
        WizardStep::Rejected(form) => form.rejections().iter().map(ToString::to_string).collect(),
        _ => Vec::new(),
    };
    stored.is_waiting = matches!(step, WizardStep::Waiting(_));
    app.store(&id, &stored)?;
    Ok(next)
}

async fn finish(app: &App, stored: &Stored) -> Outcome<Html<String>> {
    let connections = app.api.user(&stored.user).connections();
    let waiting = connections.wait_for_user(&stored.session).deadline(Duration::from_secs(10));
    Ok(match waiting.await? {
        LoginOutcome::Through(connection) => {
            let bank = connection.bank_name.unwrap_or_else(|| "your bank".to_owned());
            page(&format!("<p>Connected to {}.</p>", escape(&bank)))
        }
        other => page(&format!("<p role=alert>{}</p>", escape(&other.to_string()))),
    })
}

fn render(form: &Form, rejections: &[String]) -> String {
    let mut html = String::from("<form method=post>");
    for rejection in rejections {
        html += &format!("<p role=alert>{}</p>", escape(rejection));
    }
    for element in form.elements() {
        html += &render_element(element);
    }
    html + "<button>Next</button></form>"
}

fn render_element(element: Element<'_>) -> String {
    let label = marked(element.label().unwrap_or_default());
    let Some(name) = element.name().map(escape) else {
        let text = match element.data() {
            WizardElement::HelpText(help) => help.text.as_deref(),
            WizardElement::Paragraph(paragraph) => paragraph.text.as_deref(),
            _ => None,
        };
        return format!("<p>{label}</p><p>{}</p>", marked(text.unwrap_or_default()));
    };
    let required = if element.is_required() { " required" } else { "" };
    match element.data() {
        WizardElement::Select(select) => {
            let option = |(key, text): (&String, &String)| {
                format!("<option value=\"{}\">{}</option>", escape(key), escape(text))
            };
            let options: String = select.options.iter().map(option).collect();
            format!(
                "<p><label>{label} <select name=\"{name}\"{required}>{options}</select></label></p>"
            )
        }
        WizardElement::Radio(radio) => {
            let option = |(key, option): (&String, &xs2a::types::RadioOption)| {
                let key = escape(key);
                let text = escape(option.label.as_deref().unwrap_or_default());
                format!(
                    "<label><input type=radio name=\"{name}\" value=\"{key}\"{required}> {text}</label>"
                )
            };
            let options: String = radio.options.iter().map(option).collect();
            format!("<fieldset><legend>{label}</legend>{options}</fieldset>")
        }
        WizardElement::Checkbox(_) => {
            format!("<p><label><input type=checkbox name=\"{name}\"{required}> {label}</label></p>")
        }
        WizardElement::Password(_) => {
            format!("<p><label>{label} <input type=password name=\"{name}\"{required}></label></p>")
        }
        WizardElement::Text(_) | WizardElement::Captcha(_) | WizardElement::Flicker(_) => {
            format!("<p><label>{label} <input name=\"{name}\"{required}></label></p>")
        }
        // A kind that nobody knows yet keeps its value, if it came with one.
        _ => format!("<p>{label}</p>"),
    }
}

fn page(body: &str) -> Html<String> {
    let head = "<!doctype html><html lang=en><meta charset=utf-8><title>Your bank</title>";
    Html(format!("{head}<main>{body}</main></html>"))
}

/// The small markup of the service's texts as HTML.
fn marked(text: &str) -> String {
    let html = |span: Span<'_>| {
        let words = escape(span.words());
        match span {
            Span::Break => "<br>".to_owned(),
            Span::Bold(_) => format!("<b>{words}</b>"),
            Span::Italic(_) => format!("<i>{words}</i>"),
            Span::Link { url, .. } => {
                format!("<a href=\"{}\" rel=noreferrer>{words}</a>", escape(&url))
            }
            // A link that sends fields needs a form of its own: `Wizard::follow`.
            _ => words,
        }
    };
    Markup(text).spans().map(html).collect()
}

fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}

/// What went wrong, in words for the browser. None of them holds a secret.
struct Failure(StatusCode, String);

impl<E: Into<Box<dyn Error + Send + Sync>>> From<E> for Failure {
    fn from(error: E) -> Self {
        Self(StatusCode::BAD_GATEWAY, error.into().to_string())
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let Self(status, words) = self;
        (status, page(&format!("<p role=alert>{}</p>", escape(&words)))).into_response()
    }
}
