use super::*;
use uuid::Uuid;

fn session(number: u128) -> SessionId {
    SessionId::from_uuid(Uuid::from_u128(number))
}

/// Applies an input with nothing to send, and with the longest pauses.
fn idle(connection: &mut Connection, input: Input) -> Option<Effect> {
    connection.apply(input, false, 1.0)
}

/// Applies an input with a prompt or an answer under way.
fn busy(connection: &mut Connection, input: Input) -> Option<Effect> {
    connection.apply(input, true, 1.0)
}

fn open() -> Connection {
    let mut connection = Connection::default();
    assert_eq!(idle(&mut connection, Input::Wanted), Some(Effect::OpenSession));
    assert_eq!(
        idle(&mut connection, Input::Session(session(1))),
        Some(Effect::Connect(session(1)))
    );
    assert_eq!(idle(&mut connection, Input::Opened), None);
    assert_eq!(connection.phase(), Phase::Open);
    connection
}

#[test]
fn nothing_is_opened_until_it_is_wanted() {
    let mut connection = Connection::default();
    assert_eq!(idle(&mut connection, Input::Woken), None);
    assert_eq!(idle(&mut connection, Input::PauseOver), None);
    assert_eq!(connection.phase(), Phase::Idle);
    assert_eq!(idle(&mut connection, Input::Wanted), Some(Effect::OpenSession));
    assert_eq!(idle(&mut connection, Input::Wanted), None, "it is on its way");
}

#[test]
fn a_session_that_is_here_already_is_joined_without_opening_another() {
    let mut connection = Connection::default();
    assert_eq!(
        idle(&mut connection, Input::Join(session(7))),
        Some(Effect::Connect(session(7)))
    );
}

#[test]
fn a_lost_network_is_tried_again_with_longer_and_longer_pauses() {
    let mut connection = open();
    let pause = |ms| Some(Effect::Pause(Duration::from_millis(ms)));
    assert_eq!(idle(&mut connection, Input::Closed(1006)), pause(500));
    assert_eq!(connection.phase(), Phase::Waiting { attempt: 1 });
    assert_eq!(
        idle(&mut connection, Input::PauseOver),
        Some(Effect::Connect(session(1)))
    );
    assert_eq!(idle(&mut connection, Input::Closed(1006)), pause(1000));
    assert_eq!(
        idle(&mut connection, Input::PauseOver),
        Some(Effect::Connect(session(1)))
    );
    idle(&mut connection, Input::Opened);
    assert_eq!(
        idle(&mut connection, Input::Closed(1012)),
        pause(500),
        "it was well in between"
    );
}

#[test]
fn a_machine_that_comes_online_does_not_wait_for_the_pause() {
    let mut connection = open();
    idle(&mut connection, Input::Closed(1006));
    assert_eq!(
        idle(&mut connection, Input::Woken),
        Some(Effect::Connect(session(1)))
    );
    assert_eq!(
        idle(&mut connection, Input::PauseOver),
        None,
        "the pause that ends later does nothing"
    );
}

#[test]
fn a_chat_that_is_open_elsewhere_never_comes_back_by_itself() {
    for input in [
        Input::Told(CloseReason::Replaced),
        Input::Closed(close_code::REPLACED),
    ] {
        let mut connection = open();
        assert_eq!(busy(&mut connection, input), None);
        for later in [
            Input::Closed(close_code::REPLACED),
            Input::Woken,
            Input::PauseOver,
            Input::Wanted,
        ] {
            assert_eq!(busy(&mut connection, later), None, "{later:?}");
            assert_eq!(connection.phase(), Phase::Replaced);
        }
        assert_eq!(busy(&mut connection, Input::UseHere), Some(Effect::OpenSession));
    }
}

#[test]
fn a_session_that_is_gone_is_opened_again_only_when_there_is_a_reason() {
    let gone = Input::Closed(close_code::NO_SUCH_SESSION);
    let mut connection = open();
    assert_eq!(idle(&mut connection, gone), None);
    assert_eq!(connection.phase(), Phase::Idle);

    let mut connection = open();
    assert_eq!(busy(&mut connection, gone), Some(Effect::OpenSession));
    busy(&mut connection, Input::Session(session(2)));
    assert!(
        matches!(busy(&mut connection, gone), Some(Effect::Pause(_))),
        "not in a tight circle"
    );
    assert_eq!(busy(&mut connection, Input::PauseOver), Some(Effect::OpenSession));
}

#[test]
fn credentials_are_renewed_once_and_then_the_user_signs_in() {
    let ended = Input::Closed(close_code::CREDENTIALS_ENDED);
    let mut connection = open();
    assert_eq!(idle(&mut connection, ended), Some(Effect::Renew(session(1))));
    assert_eq!(
        idle(&mut connection, Input::Session(session(1))),
        Some(Effect::Connect(session(1)))
    );
    assert_eq!(idle(&mut connection, ended), Some(Effect::SignIn));
    assert_eq!(connection.phase(), Phase::Closed(Ended::SignedOut));
    assert_eq!(idle(&mut connection, Input::Woken), None);
}

#[test]
fn an_idle_session_sleeps_until_the_next_word() {
    let mut connection = open();
    idle(&mut connection, Input::Told(CloseReason::Idle));
    assert_eq!(
        idle(&mut connection, Input::Closed(1006)),
        None,
        "what was said counts, not the lost code"
    );
    assert_eq!(connection.phase(), Phase::Idle);
    assert_eq!(idle(&mut connection, Input::Wanted), Some(Effect::OpenSession));
}

#[test]
fn a_deleted_conversation_is_not_knocked_at_for_ever() {
    let mut connection = Connection::default();
    idle(&mut connection, Input::Wanted);
    assert_eq!(idle(&mut connection, Input::Failed(Failure::Gone)), None);
    assert_eq!(connection.phase(), Phase::Closed(Ended::Gone));
    assert_eq!(busy(&mut connection, Input::Wanted), None);
}

#[test]
fn a_server_in_trouble_is_asked_again_for_a_session() {
    let mut connection = Connection::default();
    busy(&mut connection, Input::Wanted);
    assert!(matches!(
        busy(&mut connection, Input::Failed(Failure::Passing)),
        Some(Effect::Pause(_))
    ));
    assert_eq!(busy(&mut connection, Input::PauseOver), Some(Effect::OpenSession));
}
