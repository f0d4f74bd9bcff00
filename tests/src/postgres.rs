//! A Postgres server of a test's own: in a temporary folder, run by an unprivileged user.
//!
//! Postgres refuses to run as root. Where the tests do, as in a container, the server is started as
//! the user `postgres` of Debian's package, or else as `nobody`, by setting the user of the child
//! process; no password and no right is needed for that.

use std::net::TcpListener;
use std::os::unix::fs::MetadataExt;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError, Weak};

use tempfile::TempDir;

/// A running server. It ends with this value.
pub struct PostgresServer {
    programs: PathBuf,
    folder: TempDir,
    port: u16,
    runs_as: Option<(u32, u32)>,
}

/// The server that the tests of a process share, as long as one of them holds it.
static SHARED: Mutex<Weak<PostgresServer>> = Mutex::new(Weak::new());

impl PostgresServer {
    /// The server that the tests of this process share; it ends with the last of them. Where Postgres
    /// is not installed, says so in a line and gives none.
    pub fn shared() -> Option<Arc<Self>> {
        let mut shared = SHARED.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(server) = shared.upgrade() {
            return Some(server);
        }
        let server = Arc::new(Self::start()?);
        *shared = Arc::downgrade(&server);
        Some(server)
    }

    /// Starts a server. Where Postgres is not installed, says so in a line and gives none.
    pub fn start() -> Option<Self> {
        let Some(programs) = programs() else {
            println!("Postgres is not installed (Debian's package is postgresql): nothing tested");
            return None;
        };
        let folder = TempDir::new().unwrap();
        let is_root = std::fs::metadata("/proc/self").is_ok_and(|me| me.uid() == 0);
        let runs_as = is_root.then(unprivileged);
        if let Some((user, group)) = runs_as {
            std::os::unix::fs::chown(folder.path(), Some(user), Some(group)).unwrap();
        }
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let server = Self { programs, folder, port, runs_as };
        let data = server.data();
        server.run("initdb", &["-D", &data, "-A", "trust", "-U", "fleet", "--no-sync"]);
        server.up();
        Some(server)
    }

    /// The address of a new database of this name.
    pub fn database(&self, name: &str) -> String {
        let port = self.port.to_string();
        self.run("createdb", &["-h", "127.0.0.1", "-p", &port, "-U", "fleet", name]);
        self.address(name)
    }

    /// The address of a database of this name.
    pub fn address(&self, name: &str) -> String {
        format!("postgres://fleet@127.0.0.1:{}/{name}", self.port)
    }

    /// Has the server carry out a statement.
    pub fn execute(&self, database: &str, sql: &str) {
        let port = self.port.to_string();
        self.run(
            "psql",
            &["-h", "127.0.0.1", "-p", &port, "-U", "fleet", "-d", database, "-c", sql],
        );
    }

    /// Starts the server again after [`down`](Self::down).
    pub fn up(&self) {
        let (data, log) = (self.data(), self.path("log"));
        let options = format!(
            "-p {} -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c max_connections=200",
            self.port
        );
        self.run("pg_ctl", &["-D", &data, "-l", &log, "-w", "-o", &options, "start"]);
    }

    /// Ends the server, and with it every connection.
    pub fn down(&self) {
        let data = self.data();
        self.run("pg_ctl", &["-D", &data, "-w", "-m", "fast", "stop"]);
    }

    fn data(&self) -> String {
        self.path("data")
    }

    fn path(&self, name: &str) -> String {
        self.folder.path().join(name).to_str().unwrap().to_owned()
    }

    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(self.programs.join(program));
        command.current_dir(self.folder.path()).stdin(Stdio::null());
        if let Some((user, group)) = self.runs_as {
            command.uid(user).gid(group);
        }
        command
    }

    fn run(&self, program: &str, arguments: &[&str]) {
        let log = self.folder.path().join(format!("{program}.out"));
        let output = std::fs::File::create(&log).unwrap();
        let errors = output.try_clone().unwrap();
        let mut command = self.command(program);
        // The server inherits what its starter writes to, so that is a file and no pipe.
        let status = command.args(arguments).stdout(output).stderr(errors).status();
        let status = status.unwrap_or_else(|e| panic!("{e}: {command:?}"));
        let said = || std::fs::read_to_string(&log).unwrap_or_default();
        assert!(status.success(), "{program} {arguments:?}: {}", said());
    }
}

impl Drop for PostgresServer {
    fn drop(&mut self) {
        let data = self.data();
        let mut stop = self.command("pg_ctl");
        stop.args(["-D", &data, "-w", "-m", "immediate", "stop"]);
        let _ = stop.stdout(Stdio::null()).stderr(Stdio::null()).status();
    }
}

/// The folder of the newest Postgres that is installed.
fn programs() -> Option<PathBuf> {
    let debian = std::fs::read_dir("/usr/lib/postgresql").ok();
    let mut found: Vec<_> = debian
        .into_iter()
        .flatten()
        .filter_map(|version| Some(version.ok()?.path().join("bin")))
        .chain(["/usr/local/bin", "/usr/bin"].map(PathBuf::from))
        .filter(|folder| {
            ["initdb", "pg_ctl", "createdb"].iter().all(|name| folder.join(name).exists())
        })
        .collect();
    found.sort();
    found.pop()
}

/// User and group of the first unprivileged user of Postgres, as /etc/passwd has them.
fn unprivileged() -> (u32, u32) {
    let users = std::fs::read_to_string("/etc/passwd").unwrap();
    let ids = |name: &str| {
        let line = users.lines().find(|line| line.starts_with(&format!("{name}:")))?;
        let mut fields = line.split(':').skip(2);
        Some((fields.next()?.parse().ok()?, fields.next()?.parse().ok()?))
    };
    ids("postgres").or_else(|| ids("nobody")).expect("an unprivileged user")
}
