//! Which service is asked, with which secret.

use std::path::{Path, PathBuf};

use xs2a::{ApiClient, ClientBuilder, Secret, UserClient};

use crate::failure::{Failure, Outcome};
use crate::jobs::Jobs;
use crate::options::Global;
use crate::secret_file;

/// The service, and the state directory that goes with it.
pub(crate) struct Service {
    base_url: String,
    key: Option<Secret>,
    auth: UserAuth,
    state: PathBuf,
    #[cfg(feature = "sandbox")]
    _sandbox: Option<(xs2a_sandbox::Sandbox, tempfile::TempDir)>,
}

/// Who the user's calls are made for.
enum UserAuth {
    Token(Secret),
    /// A bank user, by the API key.
    User(xs2a::UserId),
    Nobody,
}

const DEFAULT_URL: &str = "https://api.xs2a.com";

/// What the embedded sandbox starts with, and the token of the bank user that it starts with sandbox starts with.
#[cfg(feature = "sandbox")]
const SCENARIO: (&str, &str) = ("one-morning", "ada-morning-token");

impl Service {
    /// Finds out which service is meant. Reads files and the environment, and makes no call.
    pub(crate) async fn open(options: &Global) -> Outcome<Self> {
        #[cfg(feature = "sandbox")]
        if options.sandbox {
            return Self::embedded(options).await;
        }
        let read = |path: &Option<PathBuf>, what, variable| match path {
            Some(path) => secret_file::read(path, what).map(Some),
            None => environment(variable).map(|text| text.map(Secret::from)),
        };
        let key = read(&options.api_key_file, "the key file", "XS2A_API_KEY")?;
        let auth = match &options.user {
            Some(user) => UserAuth::User(user.clone()),
            None => read(&options.token_file, "the token file", "XS2A_ACCESS_TOKEN")?
                .map_or(UserAuth::Nobody, UserAuth::Token),
        };
        let base_url = match &options.base_url {
            Some(url) => url.clone(),
            None => environment("XS2A_BASE_URL")?.unwrap_or_else(|| DEFAULT_URL.to_owned()),
        };
        Ok(Self {
            base_url,
            key,
            auth,
            state: state_directory(options)?,
            #[cfg(feature = "sandbox")]
            _sandbox: None,
        })
    }

    #[cfg(feature = "sandbox")]
    async fn embedded(options: &Global) -> Outcome<Self> {
        use std::time::Duration;

        let failed = |error: &dyn std::fmt::Display| {
            Failure::new(crate::failure::Exit::Machine, format!("no sandbox: {error}"), "try again")
        };
        let (name, token) = SCENARIO;
        let story = xs2a_sandbox::Sandbox::story(name).unwrap_or_default();
        let sandbox = xs2a_sandbox::Sandbox::builder().scenario(name, story).starts_at_now();
        let sandbox = sandbox.follows_tokio(true).tick(Duration::ZERO);
        let sandbox = sandbox.start().await.map_err(|error| failed(&error))?;
        // What the scenario made was a minute ago: the service tells instants to the second only.
        sandbox.advance(Duration::from_secs(60));
        // What the sandbox forgets at the end, the state directory must not remember.
        let folder = tempfile::tempdir().map_err(|error| failed(&error))?;
        Ok(Self {
            base_url: sandbox.base_url().to_owned(),
            key: Some(Secret::from(sandbox.api_key())),
            auth: match &options.user {
                Some(user) => UserAuth::User(user.clone()),
                None => UserAuth::Token(Secret::from(token)),
            },
            state: options.state_dir.clone().unwrap_or_else(|| folder.path().to_owned()),
            _sandbox: Some((sandbox, folder)),
        })
    }

    /// A client for the calls of the API key, as yet to be built.
    pub(crate) fn api_builder(&self) -> Outcome<ClientBuilder<ApiClient>> {
        let Some(key) = &self.key else {
            return Err(Failure::usage(
                "no API key",
                "set XS2A_API_KEY, or --api-key-file FILE; --sandbox needs none",
            ));
        };
        Ok(ApiClient::builder(key.clone()).base_url(&self.base_url))
    }

    /// The client for the calls of the API key.
    pub(crate) fn api(&self) -> Outcome<ApiClient> {
        Ok(self.api_builder()?.reuse_tokens().build()?)
    }

    /// The client for the calls of a bank user.
    pub(crate) fn user(&self) -> Outcome<UserClient> {
        match &self.auth {
            UserAuth::Token(token) => {
                Ok(UserClient::builder(token.clone()).base_url(&self.base_url).build()?)
            }
            UserAuth::User(user) => Ok(self.api()?.user(user)),
            UserAuth::Nobody => Err(Failure::usage(
                "no bank user",
                "set XS2A_ACCESS_TOKEN, or --token-file FILE, or --user ID with the API key",
            )),
        }
    }

    /// The syncs under way at this service.
    pub(crate) fn jobs(&self) -> Outcome<Jobs> {
        // The embedded sandbox has another port each time.
        let name = if self.is_embedded() { "sandbox" } else { self.base_url.trim_end_matches('/') };
        Jobs::open(self.state()?, name)
    }

    /// The directory for what is kept between commands.
    pub(crate) fn state(&self) -> Outcome<&Path> {
        let failed = |error| Failure::file(self.state.display(), &error);
        std::fs::create_dir_all(&self.state).map_err(failed)?;
        Ok(&self.state)
    }

    /// Whether the service ends with this command.
    pub(crate) fn is_embedded(&self) -> bool {
        #[cfg(feature = "sandbox")]
        return self._sandbox.is_some();
        #[cfg(not(feature = "sandbox"))]
        false
    }
}

fn environment(name: &str) -> Outcome<Option<String>> {
    use std::env::VarError;

    match std::env::var(name) {
        Ok(value) => Ok(Some(value)),
        Err(VarError::NotPresent) => Ok(None),
        Err(VarError::NotUnicode(_)) => {
            Err(Failure::usage(format!("{name} is no text"), "set the variable anew"))
        }
    }
}

fn state_directory(options: &Global) -> Outcome<PathBuf> {
    if let Some(folder) = &options.state_dir {
        return Ok(folder.clone());
    }
    let absolute =
        |name| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let state = absolute("XDG_STATE_HOME")
        .or_else(|| Some(absolute("HOME")?.join(".local/state")))
        .or_else(|| absolute("LOCALAPPDATA"));
    match state {
        Some(state) => Ok(state.join("xs2a")),
        None => Err(Failure::usage("there is no home directory", "say where: --state-dir DIR")),
    }
}
