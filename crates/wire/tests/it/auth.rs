//! Signing up, signing in, who one is, and what the server says of itself.

use crate::pin::{Pinned, id, time};
use wire::auth::{
    AccountDeletion, Device, Login, ModelInfo, ModelState, PasswordChange, Register, Registration, Role,
    ServerInfo, SignedIn, Theme, Ticket, TicketRequest, User, UserPatch,
};

fn user() -> User {
    User {
        id: id(1),
        email: "ada@example.org".into(),
        role: Role::User,
        created_at: time(),
        name: None,
        theme: Theme::System,
        language: None,
    }
}

fn signed_in() -> SignedIn {
    SignedIn {
        access_token: "header.claims.signature".into(),
        token_type: "Bearer".into(),
        expires_in: 43_200,
        user: user(),
    }
}

fn register(invitation: Option<String>) -> Register {
    Register {
        email: "ada@example.org".into(),
        password: "correct horse".into(),
        invitation,
    }
}

fn login() -> Login {
    Login {
        email: "ada@example.org".into(),
        password: "correct horse".into(),
    }
}

fn ticket() -> Ticket {
    Ticket {
        ticket: "header.claims.signature".into(),
        expires_in: 30,
    }
}

#[test]
fn roles_registrations_and_model_states_keep_their_words() {
    assert_pinned!("role", every!(Role: User, Admin));
    assert_pinned!("theme", every!(Theme: System, Light, Dark));
    assert_pinned!("registration", every!(Registration: Open, Invitation, Closed));
    assert_pinned!("model_state", every!(ModelState: Loading, Ready, Failed));
}

#[test]
fn requests_and_answers_of_auth_keep_their_fields() {
    let mut pinned = Pinned::default();
    pinned.add_secret("Register", &register(None));
    pinned.add_secret("Register", &register(Some("code".into())));
    pinned.add_secret("Login", &login());
    pinned.add("SignedIn", &signed_in());
    pinned.add("User", &user());
    let named = User {
        name: Some("Ada".into()),
        theme: Theme::Dark,
        language: Some("ar".into()),
        ..user()
    };
    pinned.add("User", &named);
    pinned.add("UserPatch", &UserPatch::default());
    let patch = UserPatch {
        name: Some("Ada".into()),
        theme: Some(Theme::Light),
        language: Some(String::new()),
    };
    pinned.add("UserPatch", &patch);
    let change = PasswordChange {
        password: "correct horse".into(),
        new_password: "battery staple".into(),
    };
    pinned.add_secret("PasswordChange", &change);
    let deletion = AccountDeletion {
        password: "correct horse".into(),
    };
    pinned.add_secret("AccountDeletion", &deletion);
    let device = |name: Option<&str>, current| Device {
        id: id(3),
        name: name.map(str::to_owned),
        created_at: time(),
        last_used_at: time(),
        current,
    };
    pinned.add("Device", &device(Some("Firefox on Linux"), true));
    pinned.add("Device", &device(None, false));
    pinned.add("TicketRequest", &TicketRequest { session_id: id(2) });
    pinned.add("Ticket", &ticket());
    assert_pinned!("auth", pinned);
}

#[test]
fn what_the_server_says_of_itself_keeps_its_fields() {
    let model = ModelInfo {
        name: "SmolLM2-135M-Instruct".into(),
        starter: true,
        state: ModelState::Ready,
    };
    let mut pinned = Pinned::default();
    pinned.add(
        "ServerInfo",
        &ServerInfo {
            version: "0.1.0".into(),
            registration: Registration::Open,
            model,
        },
    );
    assert_pinned!("server_info", pinned);
}

#[test]
fn secrets_do_not_print_themselves() {
    let printed = format!(
        "{:?} {:?} {:?} {:?}",
        register(Some("invitation-code".into())),
        login(),
        signed_in(),
        ticket()
    );
    for secret in ["correct horse", "invitation-code", "header.claims.signature"] {
        assert!(!printed.contains(secret), "{printed}");
    }
}
