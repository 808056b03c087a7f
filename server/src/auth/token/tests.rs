//! Every token that is not exactly ours is refused.

use super::*;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};

const NOW: Timestamp = Timestamp::from_millis(1_700_000_000_000);
const HOUR: Duration = Duration::from_secs(3600);

fn keys(secret: &str) -> Keys {
    Keys::new(&Secret::from_text(&secret.repeat(32)).unwrap())
}

fn grant(typ: TokenType) -> Grant {
    let id = Uuid::from_u128;
    Grant {
        typ,
        user: UserId::from_uuid(id(1)),
        sign_in: SignInId::from_uuid(id(2)),
        session: None,
    }
}

fn access(keys: &Keys) -> String {
    keys.issue(grant(TokenType::Access), NOW, HOUR, Uuid::from_u128(3))
        .unwrap()
}

/// A token with these parts, signed with the right key: what only somebody who has it could make.
fn forged(keys: &Keys, header: Value, claims: Value) -> String {
    let part = |value: Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let body = format!("{}.{}", part(header), part(claims));
    let tag = jsonwebtoken::crypto::sign(body.as_bytes(), &keys.encoding, Algorithm::HS256).unwrap();
    format!("{body}.{tag}")
}

fn claims(changed: &str, to: Value) -> Value {
    let mut claims = json!({
        "typ": "access", "aud": "parlance", "iss": "parlance",
        "sub": Uuid::from_u128(1), "sid": Uuid::from_u128(2), "jti": Uuid::from_u128(3),
        "iat": NOW.as_secs(), "exp": NOW.as_secs() + 60,
    });
    match to {
        Value::Null => drop(claims.as_object_mut().unwrap().remove(changed)),
        to => claims[changed] = to,
    }
    claims
}

fn hs256() -> Value {
    json!({"alg": "HS256", "typ": "JWT"})
}

#[test]
fn a_token_says_who_and_by_which_sign_in() {
    let keys = keys("a");
    let claims = keys.read(&access(&keys), &[TokenType::Access], NOW).unwrap();
    assert_eq!(
        (claims.sub.as_uuid(), claims.sid.as_uuid()),
        (Uuid::from_u128(1), Uuid::from_u128(2))
    );
    assert_eq!(claims.exp, NOW.as_secs() + 3600);
}

#[test]
fn the_forger_of_these_tests_makes_good_tokens_when_nothing_is_changed() {
    let keys = keys("a");
    let token = forged(&keys, hs256(), claims("typ", json!("access")));
    assert!(keys.read(&token, &[TokenType::Access], NOW).is_ok());
}

#[test]
fn a_token_ends_to_the_second() {
    let keys = keys("a");
    let token = access(&keys);
    let last = NOW.plus(HOUR - Duration::from_secs(1));
    assert!(keys.read(&token, &[TokenType::Access], last).is_ok());
    assert_eq!(
        keys.read(&token, &[TokenType::Access], NOW.plus(HOUR)),
        Err(TokenError::Expired)
    );
}

#[test]
fn a_token_of_another_server_is_refused() {
    let token = access(&keys("b"));
    assert_eq!(
        keys("a").read(&token, &[TokenType::Access], NOW),
        Err(TokenError::Invalid)
    );
}

#[test]
fn a_token_for_one_purpose_is_refused_for_every_other() {
    let keys = keys("a");
    let types = [TokenType::Access, TokenType::Page, TokenType::Ticket];
    for made in types {
        let token = keys.issue(grant(made), NOW, HOUR, Uuid::from_u128(3)).unwrap();
        for wanted in types {
            assert_eq!(
                keys.read(&token, &[wanted], NOW).is_ok(),
                made == wanted,
                "{made:?} as {wanted:?}"
            );
        }
    }
}

#[test]
fn a_token_without_a_signature_is_refused() {
    let keys = keys("a");
    for alg in ["none", "None", "NONE", ""] {
        let token = forged(
            &keys,
            json!({"alg": alg, "typ": "JWT"}),
            claims("typ", json!("access")),
        );
        let unsigned = token.rsplit_once('.').unwrap().0;
        for token in [token.clone(), format!("{unsigned}."), unsigned.to_owned()] {
            assert_eq!(
                keys.read(&token, &[TokenType::Access], NOW),
                Err(TokenError::Invalid),
                "{alg}"
            );
        }
    }
}

#[test]
fn every_other_algorithm_is_refused_though_the_signature_fits() {
    let keys = keys("a");
    for alg in ["HS384", "HS512", "RS256", "ES256", "PS256", "EdDSA", "XX999"] {
        let token = forged(
            &keys,
            json!({"alg": alg, "typ": "JWT"}),
            claims("typ", json!("access")),
        );
        assert_eq!(
            keys.read(&token, &[TokenType::Access], NOW),
            Err(TokenError::Invalid),
            "{alg}"
        );
    }
}

#[test]
fn a_token_for_or_by_somebody_else_is_refused() {
    let keys = keys("a");
    for (claim, value) in [
        ("aud", json!("other")),
        ("iss", json!("other")),
        ("aud", Value::Null),
        ("iss", Value::Null),
        ("sub", Value::Null),
        ("sub", json!("somebody")),
        ("sid", Value::Null),
        ("exp", Value::Null),
        ("exp", json!("never")),
        ("exp", json!(-1)),
        ("typ", Value::Null),
        ("typ", json!("admin")),
    ] {
        let token = forged(&keys, hs256(), claims(claim, value.clone()));
        assert_eq!(
            keys.read(&token, &[TokenType::Access], NOW),
            Err(TokenError::Invalid),
            "{claim} {value}"
        );
    }
}

#[test]
fn a_token_changed_anywhere_is_refused() {
    let keys = keys("a");
    let token = access(&keys);
    for at in 0..token.len() {
        let mut changed = token.clone().into_bytes();
        // Another letter; the last one of a part may differ in bits that base64 does not use, which it refuses too.
        changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
        let changed = String::from_utf8(changed).unwrap();
        assert!(
            keys.read(&changed, &[TokenType::Access], NOW).is_err(),
            "changed at {at}"
        );
    }
}

#[test]
fn what_is_no_token_at_all_is_refused() {
    let keys = keys("a");
    for text in ["", ".", "..", "a.b.c", "🦀.🦀.🦀", "null", &"A".repeat(100_000)] {
        assert_eq!(
            keys.read(text, &[TokenType::Access], NOW),
            Err(TokenError::Invalid)
        );
    }
}

#[test]
fn a_refresh_token_has_one_successor_that_cannot_be_told_without_the_key() {
    let (ours, theirs) = (keys("a"), keys("b"));
    assert_eq!(ours.successor("t"), ours.successor("t"));
    assert_ne!(ours.successor("t"), ours.successor("u"));
    assert_ne!(ours.successor("t"), theirs.successor("t"));
}

#[test]
fn a_form_carries_another_token_each_time_which_is_good_for_its_sign_in_alone() {
    let (ours, theirs) = (keys("a"), keys("b"));
    let [one, other] = [1, 2].map(|id| SignInId::from_uuid(Uuid::from_u128(id)));
    let (first, second) = (ours.form_token(one).unwrap(), ours.form_token(one).unwrap());
    let same = first
        .chars()
        .zip(second.chars())
        .filter(|(one, other)| one == other);
    assert!(same.count() < first.len() / 3, "{first} {second}");
    for token in [&first, &second] {
        assert!(ours.is_form_token(one, token));
        assert!(!ours.is_form_token(other, token) && !theirs.is_form_token(one, token));
        for at in 0..token.len() - 1 {
            let mut changed = token.clone();
            let letter = if changed.as_bytes()[at] == b'A' { "B" } else { "A" };
            changed.replace_range(at..=at, letter);
            assert!(!ours.is_form_token(one, &changed), "changed at {at}");
        }
    }
    for text in [
        "",
        "A",
        "AAAAAAAAAAAAAAAAAAAAAA",
        "🫖",
        &format!("{first}A"),
        &first[1..],
    ] {
        assert!(!ours.is_form_token(one, text), "{text}");
    }
}

#[test]
fn keys_do_not_print_themselves() {
    assert_eq!(format!("{:?}", keys("a")), "Keys(..)");
}
