//! A Postgres server of a test's own: in a temporary folder, run by an unprivileged user.
//!
//! Postgres refuses to run as root. Where the tests do, as in a container, the server is started as
//! the user `postgres` of Debian's package, or else as `nobody`, by setting the user of the child
//! process; no password and no right is needed for that.

use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use tempfile::TempDir;

/// A running server. It ends with this value.
pub struct PostgresServer {
    programs: PathBuf,
    folder: TempDir,
    port: u16,
    runs_as: Option<(u32, u32)>,
    speaks_tls: bool,
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
        Self::begin(None)
    }

    /// Starts a server that shows this certificate, in PEM with its key, and speaks nothing but TLS.
    pub fn start_with_tls(certificate: &str) -> Option<Self> {
        Self::begin(Some(certificate))
    }

    fn begin(certificate: Option<&str>) -> Option<Self> {
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
        let speaks_tls = certificate.is_some();
        let server = Self { programs, folder, port, runs_as, speaks_tls };
        let data = server.data();
        server.run("initdb", &["-D", &data, "-A", "trust", "-U", "fleet", "--no-sync"]);
        if let Some(certificate) = certificate {
            server.write("data/server.pem", certificate);
            server.write("data/pg_hba.conf", "hostssl all all 127.0.0.1/32 trust\n");
        }
        server.up();
        Some(server)
    }

    /// The address of a new database of this name.
    pub fn database(&self, name: &str) -> String {
        let port = self.port.to_string();
        self.run("createdb", &["-h", "127.0.0.1", "-p", &port, "-U", "fleet", name]);
        self.address(name)
    }

    /// The port on which the server listens on this machine.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The address of a database of this name.
    pub fn address(&self, name: &str) -> String {
        format!("postgres://fleet@127.0.0.1:{}/{name}", self.port)
    }

    /// Has the server carry out a statement. Gives what it answers, without a heading.
    pub fn execute(&self, database: &str, sql: &str) -> String {
        let port = self.port.to_string();
        self.run(
            "psql",
            &["-h", "127.0.0.1", "-p", &port, "-U", "fleet", "-d", database, "-Atc", sql],
        )
    }

    /// The CPU time that the server has taken so far.
    pub fn cpu_time(&self) -> Duration {
        let pid = std::fs::read_to_string(self.path("data/postmaster.pid")).unwrap();
        let pid = pid.lines().next().unwrap().parse().unwrap();
        let children = std::fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).unwrap();
        let children = children.split_whitespace().map(|child| child.parse().unwrap());
        children.chain([pid]).map(cpu_time).sum()
    }

    /// Starts the server again after [`down`](Self::down).
    pub fn up(&self) {
        let (data, log) = (self.data(), self.path("log"));
        let mut options = format!(
            "-p {} -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c max_connections=200",
            self.port
        );
        if self.speaks_tls {
            options += " -c ssl=on -c ssl_cert_file=server.pem -c ssl_key_file=server.pem";
        }
        self.run("pg_ctl", &["-D", &data, "-l", &log, "-w", "-o", &options, "start"]);
    }

    /// Ends the server, and with it every connection.
    pub fn down(&self) {
        let data = self.data();
        self.run("pg_ctl", &["-D", &data, "-w", "-m", "fast", "stop"]);
    }

    /// Writes a file that the server's user alone can read.
    fn write(&self, name: &str, text: &str) {
        let path = self.path(name);
        std::fs::write(&path, text).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
        if let Some((user, group)) = self.runs_as {
            std::os::unix::fs::chown(&path, Some(user), Some(group)).unwrap();
        }
    }

    fn data(&self) -> String {
        self.path("data")
    }

    fn path(&self, name: &str) -> String {
        self.folder.path().join(name).to_str().unwrap().to_owned()
    }

    /// A program, run as the server's user.
    fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        command
            .current_dir(self.folder.path())
            .env("HOME", self.folder.path())
            .stdin(Stdio::null());
        if let Some((user, group)) = self.runs_as {
            command.uid(user).gid(group);
        }
        command
    }

    fn run(&self, program: &str, arguments: &[&str]) -> String {
        let log = self.folder.path().join(format!("{program}.out"));
        let output = std::fs::File::create(&log).unwrap();
        let errors = output.try_clone().unwrap();
        let mut command = self.command(&self.programs.join(program));
        // The server inherits what its starter writes to, so that is a file and no pipe.
        let status = command.args(arguments).stdout(output).stderr(errors).status();
        let status = status.unwrap_or_else(|e| panic!("{e}: {command:?}"));
        let said = std::fs::read_to_string(&log).unwrap_or_default();
        assert!(status.success(), "{program} {arguments:?}: {said}");
        said
    }
}

impl Drop for PostgresServer {
    fn drop(&mut self) {
        let data = self.data();
        let mut stop = self.command(&self.programs.join("pg_ctl"));
        stop.args(["-D", &data, "-w", "-m", "immediate", "stop"]);
        let _ = stop.stdout(Stdio::null()).stderr(Stdio::null()).status();
    }
}

/// A PgBouncer in front of a server, in transaction mode. It ends with this value.
pub struct PgBouncer {
    server: Arc<PostgresServer>,
    child: Child,
    port: u16,
}

impl PgBouncer {
    /// Starts it. Where it is not installed, says so in a line and gives none.
    pub fn start(server: &Arc<PostgresServer>) -> Option<Self> {
        let mut programs =
            ["/usr/sbin/pgbouncer", "/usr/bin/pgbouncer"].map(PathBuf::from).into_iter();
        let Some(program) = programs.find(|program| program.exists()) else {
            println!(
                "PgBouncer is not installed (Debian's package is pgbouncer): not tested with it"
            );
            return None;
        };
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        server.write(&format!("users-{port}"), "\"fleet\" \"\"\n");
        let settings = format!(
            "[databases]\n* = host=127.0.0.1 port={}\n[pgbouncer]\nlisten_addr = 127.0.0.1\n\
             listen_port = {port}\nunix_socket_dir =\nauth_type = trust\nauth_file = {}\n\
             pool_mode = transaction\ndefault_pool_size = 3\nmax_client_conn = 500\n",
            server.port,
            server.path(&format!("users-{port}")),
        );
        server.write(&format!("bouncer-{port}.ini"), &settings);
        let child = server
            .command(&program)
            .arg("-q")
            .arg(server.path(&format!("bouncer-{port}.ini")))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let bouncer = Self { server: Arc::clone(server), child, port };
        let start = std::time::Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(start.elapsed().as_secs() < 60, "PgBouncer does not listen");
            std::thread::sleep(Duration::from_millis(20));
        }
        Some(bouncer)
    }

    /// The address of a database of this name, which the server has.
    pub fn address(&self, name: &str) -> String {
        format!("postgres://fleet@127.0.0.1:{}/{name}", self.port)
    }

    /// The server behind it.
    pub fn server(&self) -> &PostgresServer {
        &self.server
    }
}

impl Drop for PgBouncer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The CPU time that a process of Linux has taken so far, with that of its children that have ended; no
/// time for a process that is gone.
pub fn cpu_time(process: u32) -> Duration {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    // The fields after the name, which stands in brackets: the state, and from the 12th on the times.
    let fields = stat.rsplit(')').next().unwrap_or_default().split_whitespace();
    let ticks: u64 = fields.skip(11).take(4).filter_map(|field| field.parse::<u64>().ok()).sum();
    Duration::from_millis(ticks * 10)
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
