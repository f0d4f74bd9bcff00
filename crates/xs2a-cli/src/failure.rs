//! What went wrong, for two readers: the person reads two lines, the program the exit code.

use std::io;

use xs2a::sync::{Refusal, SyncReport};
use xs2a::wizard::SessionFailed;
use xs2a::{BuildError, Error, ErrorKind, Fate, SyncError, with_causes};

/// The exit codes, by kind of outcome. The README has the same table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Exit {
    /// Done, also where nobody reads the rest of the output.
    Done = 0,
    /// This machine failed: a file, the store, the terminal.
    Machine = 1,
    /// The command cannot be meant: arguments, a missing key, the rights of a file.
    Usage = 2,
    /// There is no such thing.
    NotFound = 3,
    /// The user of the connection has to log in.
    UserNeeded = 4,
    /// A rule forbids the sync; nothing was sent.
    Refused = 5,
    /// The service refused: the key, the token, the request.
    Service = 6,
    /// No answer, or one that passes: try again later.
    Later = 7,
    /// A sync runs, or may run: look before another one.
    Open = 8,
    /// The bank refused: the sync or the login failed.
    Bank = 9,
    /// Ctrl-C.
    Interrupted = 130,
}

/// Why a command ends without its outcome.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) exit: Exit,
    /// What happened.
    pub(crate) what: String,
    /// What to do.
    pub(crate) next: String,
}

pub(crate) type Outcome<T = ()> = Result<T, Failure>;

impl Failure {
    pub(crate) fn new(exit: Exit, what: impl Into<String>, next: impl Into<String>) -> Self {
        Self { exit, what: what.into(), next: next.into() }
    }

    /// Something that the person can put right by calling the command otherwise.
    pub(crate) fn usage(what: impl Into<String>, next: impl Into<String>) -> Self {
        Self::new(Exit::Usage, what, next)
    }

    pub(crate) fn interrupted(what: impl Into<String>, next: impl Into<String>) -> Self {
        Self::new(Exit::Interrupted, what, next)
    }

    /// Nothing to tell: whoever read the output has enough of it.
    pub(crate) fn quiet() -> Self {
        Self::new(Exit::Done, String::new(), String::new())
    }

    /// A file or a stream that failed, and what was to be done with it.
    pub(crate) fn file(what: impl std::fmt::Display, error: &io::Error) -> Self {
        let next = match error.kind() {
            io::ErrorKind::NotFound => "check the path",
            io::ErrorKind::PermissionDenied => "give yourself the right, or choose another place",
            io::ErrorKind::StorageFull => "free some space; nothing was half-written",
            io::ErrorKind::AlreadyExists => "choose another name, or remove the file",
            _ => "choose another place, or mend this one",
        };
        Self::new(Exit::Machine, format!("{what}: {error}"), next)
    }

    /// The end of a sync that did not succeed.
    pub(crate) fn of_sync(error: &SyncError) -> Self {
        let id = error.job().connection_id();
        let reset = format!("with the user at hand: xs2a connections reset {id}");
        let (exit, next) = match error.report() {
            SyncReport::UserNeeded => (Exit::UserNeeded, reset),
            SyncReport::Failed { failures: 0..=1, .. } => {
                (Exit::Bank, format!("xs2a connections show {id} says what comes next"))
            }
            SyncReport::Failed { failures: 2, .. } => (Exit::Bank, reset),
            SyncReport::Failed { .. } | SyncReport::Refused(Refusal::Disabled { .. }) => {
                let exit = match error.report() {
                    SyncReport::Refused(_) => Exit::Refused,
                    _ => Exit::Bank,
                };
                (exit, format!("xs2a connections delete {id}, then add, with the user"))
            }
            SyncReport::Refused(Refusal::LastAttempt { .. }) => {
                (Exit::Refused, format!("{reset}; --spend-last-attempt risks the connection"))
            }
            SyncReport::Refused(Refusal::CredentialsMissing) => {
                (Exit::Refused, "give the half in a file: --credentials-file FILE".to_owned())
            }
            SyncReport::Refused(Refusal::UserNeeded(_) | Refusal::Parked) => {
                (Exit::UserNeeded, reset)
            }
            SyncReport::Refused(_) => (Exit::Refused, "wait until then".to_owned()),
            SyncReport::StillRunning | SyncReport::FateUnknown => {
                (Exit::Open, format!("xs2a connections resume {id} goes on; do not sync again"))
            }
            SyncReport::NotSeenToAct => {
                (Exit::Open, format!("look first: xs2a connections show {id}"))
            }
            SyncReport::Superseded => {
                (Exit::Open, format!("let the other command end: xs2a connections show {id}"))
            }
            SyncReport::Gone | SyncReport::UserGone => {
                (Exit::NotFound, "xs2a connections list shows those that there are".to_owned())
            }
            SyncReport::RefusedByServer { .. } => match error.error() {
                Some(error) => return Self { what: with_causes(error), ..Self::from(error) },
                None => (Exit::Service, format!("look first: xs2a connections show {id}")),
            },
            SyncReport::NotSent { .. } => match error.error() {
                Some(cause) => {
                    return Self { what: error.to_string(), ..Self::from(cause) };
                }
                None => (Exit::Later, "try again later".to_owned()),
            },
            _ => (Exit::Later, "try again later".to_owned()),
        };
        Self::new(exit, error.to_string(), next)
    }
}

impl From<&Error> for Failure {
    fn from(error: &Error) -> Self {
        let (exit, next) = match error.kind() {
            ErrorKind::InvalidRequest => (Exit::Usage, "correct the request"),
            ErrorKind::Unauthorized | ErrorKind::Forbidden => (
                Exit::Service,
                "check the key or token: XS2A_API_KEY, --api-key-file, XS2A_ACCESS_TOKEN, --token-file",
            ),
            ErrorKind::NotFound => {
                (Exit::NotFound, "check the id: the list command shows those that there are")
            }
            ErrorKind::Rejected => (Exit::Service, "correct what the service names"),
            ErrorKind::NotStored => {
                (Exit::Machine, "mend the state directory, or choose another: --state-dir")
            }
            ErrorKind::Connect => (Exit::Later, "check the network and the address: --base-url"),
            ErrorKind::UnexpectedStatus | ErrorKind::Undecodable | ErrorKind::TooLarge => {
                (Exit::Service, "check the address: --base-url; or use a newer version of xs2a")
            }
            _ if error.fate() == Fate::Unknown => {
                (Exit::Open, "look before you do it again: the service may have done it")
            }
            _ => (Exit::Later, "try again later"),
        };
        Self::new(exit, with_causes(error), next)
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::from(&error)
    }
}

impl From<BuildError> for Failure {
    fn from(error: BuildError) -> Self {
        let next = match &error {
            BuildError::PlainHttp { .. } | BuildError::BaseUrl(_) => {
                "give an https address: --base-url, or XS2A_BASE_URL"
            }
            BuildError::EmptySecret | BuildError::MalformedSecret => {
                "check what stands in the variable or file of the key or token"
            }
            BuildError::NoTls => "install xs2a with one of its features rustls, native-tls",
            _ => "check the settings that --help names",
        };
        Self::usage(error.to_string(), next)
    }
}

impl From<SessionFailed> for Failure {
    fn from(failed: SessionFailed) -> Self {
        Self::new(Exit::Bank, failed.to_string(), "begin anew when the reason is gone")
    }
}

impl From<xs2a_fleet::Error> for Failure {
    fn from(error: xs2a_fleet::Error) -> Self {
        use xs2a_fleet::Error as Fleet;
        match error {
            Fleet::Client(error) => error.into(),
            Fleet::Service(error) => Self::from(*error),
            error => {
                let next = match &error {
                    Fleet::Policy(_) => "correct the options of the night or the pace",
                    error if error.may_pass() => "try again when the reason is gone",
                    _ => "choose another store: --store FILE",
                };
                Self::new(Exit::Machine, error.to_string(), next)
            }
        }
    }
}
