//! `parlance user …`: the operator's hand on accounts. Opens the same database as the server, which may be running.
//!
//! What it takes from somebody (a password, a role) ends their sign-ins: a running server closes their sockets within
//! a second or so.

use crate::{
    audit::{self, Who},
    auth::{Keys, Secret, account::Email, invitation::Code, password, secret},
    clock::{Clock, IdSource},
    config::StoreConfig,
    problem::ApiError,
};
use clap::{Args, Subcommand, ValueEnum};
use secrecy::{ExposeSecret, SecretString};
use std::{
    io::{self, BufRead, Write},
    time::Duration,
};
use store::{
    Store, StoreError,
    user::{Profile, UserRecord},
};
use wire::{AuditId, UserId, admin::AuditKind, auth::Role};

/// Users read at once for `list`.
const PAGE: u32 = 500;
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// Makes and changes accounts.
#[derive(Debug, Args)]
pub struct UserCommand {
    #[command(flatten)]
    #[expect(missing_docs, reason = "its type says it")]
    pub store: StoreConfig,
    /// What to do.
    #[command(subcommand)]
    pub action: UserAction,
}

/// What to do with accounts.
#[derive(Debug, Subcommand)]
pub enum UserAction {
    /// Make an account. Without --password-stdin a password is made up and printed.
    Add {
        /// Who.
        email: String,
        /// They manage everything.
        #[arg(long)]
        admin: bool,
        /// Read the password from the first line of standard input.
        #[arg(long)]
        password_stdin: bool,
    },
    /// Give somebody a new password and sign them out everywhere.
    Password {
        /// Who.
        email: String,
        /// Read the password from the first line of standard input.
        #[arg(long)]
        password_stdin: bool,
    },
    /// Give somebody a role and sign them out everywhere.
    Role {
        /// Who.
        email: String,
        /// Which.
        #[arg(value_enum)]
        role: RoleArg,
    },
    /// List all accounts: address, role, since when.
    List,
    /// Print a link with which one person can make an account.
    Invite {
        /// How long the link is good for.
        #[arg(long, default_value_t = 7, value_parser = clap::value_parser!(u16).range(1..=365))]
        days: u16,
        /// As for `serve`: the address people type.
        #[arg(long, env = "PARLANCE_PUBLIC_URL")]
        public_url: Option<String>,
        /// As for `serve`: its port, when there is no public address.
        #[arg(long, env = "PARLANCE_PORT", default_value_t = 8000)]
        port: u16,
        /// As for `serve`: the secret, when it is not in the data folder.
        #[arg(long, env = "PARLANCE_SECRET", hide_env_values = true)]
        secret: Option<SecretString>,
    },
}

/// [`Role`], for the command line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum RoleArg {
    /// Chats, and manages their own chatbots.
    User,
    /// Manages everything.
    Admin,
}

impl From<RoleArg> for Role {
    fn from(arg: RoleArg) -> Self {
        match arg {
            RoleArg::User => Self::User,
            RoleArg::Admin => Self::Admin,
        }
    }
}

/// Why the command did not do its work, with its cure where there is one.
#[derive(Debug, thiserror::Error)]
pub enum UserCommandError {
    /// Nobody has this address.
    #[error("nobody has the address {0}; `parlance user list` says who is there")]
    NoSuchUser(String),
    /// Somebody has it already.
    #[error("{0} has an account already; `parlance user password {0}` gives a new password")]
    Taken(String),
    /// What was typed is not good.
    #[error("{0}")]
    Input(String),
    /// The store's.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// No password can be made or hashed.
    #[error("cannot make a password: {0}")]
    Password(String),
    /// The secret's.
    #[error(transparent)]
    Secret(#[from] secret::SecretError),
    /// Standard input or output.
    #[error("cannot read or write: {0}")]
    Io(#[from] io::Error),
}

type Result<T> = std::result::Result<T, UserCommandError>;

impl From<ApiError> for UserCommandError {
    fn from(error: ApiError) -> Self {
        Self::Input(error.detail)
    }
}

/// Does it. `input` is standard input, `output` standard output.
///
/// # Errors
/// Each names its cause, and its cure where there is one.
pub async fn run(
    command: UserCommand,
    store: &dyn Store,
    clock: &dyn Clock,
    input: &mut (dyn BufRead + Send),
    output: &mut (dyn Write + Send),
) -> Result<()> {
    match command.action {
        UserAction::Add {
            email,
            admin,
            password_stdin,
        } => {
            let email = Email::parse(&email)?.into_string();
            let chosen = Password::choose(password_stdin, input)?;
            let user = UserRecord {
                id: UserId::from_uuid(IdSource.new_uuid()),
                email: email.clone(),
                password_hash: chosen.hash()?,
                role: if admin { Role::Admin } else { Role::User },
                created_at: clock.now(),
                profile: Profile::default(),
            };
            store
                .create_user(user.clone())
                .await
                .map_err(|error| match error {
                    StoreError::Conflict("email") => UserCommandError::Taken(email.clone()),
                    error => error.into(),
                })?;
            note(
                store,
                clock,
                AuditKind::Registered,
                Who::Somebody(&user),
                word(user.role),
            )
            .await?;
            writeln!(output, "Made the account {email}.")?;
            chosen.print(output)?;
        }
        UserAction::Password {
            email,
            password_stdin,
        } => {
            let user = find(store, &email).await?;
            let chosen = Password::choose(password_stdin, input)?;
            store.set_password(user.id, &chosen.hash()?).await?;
            store.revoke_sign_ins_of(user.id, clock.now()).await?;
            note(store, clock, AuditKind::PasswordChanged, Who::Somebody(&user), "").await?;
            writeln!(
                output,
                "{} has a new password and is signed out everywhere.",
                user.email
            )?;
            chosen.print(output)?;
        }
        UserAction::Role { email, role } => {
            let user = find(store, &email).await?;
            store.set_role(user.id, role.into()).await?;
            store.revoke_sign_ins_of(user.id, clock.now()).await?;
            note(
                store,
                clock,
                AuditKind::RoleChanged,
                Who::Somebody(&user),
                word(role.into()),
            )
            .await?;
            writeln!(
                output,
                "{} is {} now, and signed out everywhere.",
                user.email,
                word(role.into())
            )?;
        }
        UserAction::List => list(store, output).await?,
        UserAction::Invite {
            days,
            public_url,
            port,
            secret,
        } => {
            let secret = match secret {
                Some(text) => Secret::from_text(text.expose_secret())?,
                None => Secret::load_or_create(&command.store.data)?,
            };
            let code = Code::new(&Keys::new(&secret)).map_err(secret::SecretError::from)?;
            store
                .create_invitation(code.hash(), clock.now().plus(DAY * u32::from(days)))
                .await?;
            note(store, clock, AuditKind::Invited, Who::Nobody, "").await?;
            let base = public_url.unwrap_or_else(|| format!("http://localhost:{port}"));
            writeln!(output, "{}", code.link(base.trim_end_matches('/')))?;
        }
    }
    Ok(())
}

/// In the audit log: the command line says that it was the command line.
async fn note(store: &dyn Store, clock: &dyn Clock, kind: AuditKind, who: Who<'_>, what: &str) -> Result<()> {
    let id = AuditId::from_uuid(IdSource.new_uuid());
    let detail = if what.is_empty() {
        "by the command line".to_owned()
    } else {
        format!("{what}, by the command line")
    };
    store
        .append_audit(audit::line(id, clock.now(), kind, who, &detail))
        .await?;
    Ok(())
}

async fn find(store: &dyn Store, email: &str) -> Result<UserRecord> {
    let user = store.user_by_email(Email::parse(email)?.as_str()).await?;
    user.ok_or_else(|| UserCommandError::NoSuchUser(email.into()))
}

async fn list(store: &dyn Store, output: &mut (dyn Write + Send)) -> Result<()> {
    let mut after = None;
    loop {
        let page = store.users(after, PAGE).await?;
        for user in &page {
            writeln!(output, "{}\t{}\t{}", user.email, word(user.role), user.created_at)?;
        }
        match page.last() {
            Some(last) => after = Some(last.id),
            None => return Ok(()),
        }
    }
}

const fn word(role: Role) -> &'static str {
    match role {
        Role::User => "user",
        Role::Admin => "admin",
    }
}

/// A password that was given, or made up and therefore to be told.
enum Password {
    Given(String),
    MadeUp(String),
}

impl Password {
    fn choose(from_stdin: bool, input: &mut (dyn BufRead + Send)) -> Result<Self> {
        if !from_stdin {
            let bytes = secret::random::<15>().map_err(secret::SecretError::from)?;
            return Ok(Self::MadeUp(secret::text(&bytes)));
        }
        let mut line = String::new();
        input.read_line(&mut line)?;
        let text = line.trim_end_matches(['\r', '\n']).to_owned();
        password::check_new(&text).map_err(|what| UserCommandError::Input(format!("password: {what}")))?;
        Ok(Self::Given(text))
    }

    fn hash(&self) -> Result<String> {
        let (Self::Given(text) | Self::MadeUp(text)) = self;
        password::hash(text).map_err(|error| UserCommandError::Password(error.to_string()))
    }

    fn print(&self, output: &mut (dyn Write + Send)) -> io::Result<()> {
        match self {
            Self::Given(_) => Ok(()),
            Self::MadeUp(text) => writeln!(output, "Password: {text}"),
        }
    }
}
