//! Signing up, signing in, who one is, and what the server says of itself.

use crate::pin::{Pinned, id, time};
use wire::auth::{
    Login, ModelInfo, ModelState, Register, Registration, Role, ServerInfo, SignedIn, Ticket, TicketRequest,
    User,
};

fn user() -> User {
    User {
        id: id(1),
        email: "ada@example.org".into(),
        role: Role::User,
        created_at: time(),
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
