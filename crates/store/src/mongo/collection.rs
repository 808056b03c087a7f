//! The collections, by name. What is in their documents is said by the subjects.

pub(super) const USER: &str = "user";
pub(super) const INVITATION: &str = "invitation";
pub(super) const SIGN_IN: &str = "sign_in";
pub(super) const REFRESH_TOKEN: &str = "refresh_token";
pub(super) const USED_TICKET: &str = "used_ticket";
pub(super) const CHATBOT: &str = "chatbot";
pub(super) const CONVERSATION: &str = "conversation";
pub(super) const MESSAGE: &str = "message";
pub(super) const SESSION: &str = "session";
pub(super) const GENERATION: &str = "generation";
pub(super) const CHUNK_BATCH: &str = "chunk_batch";
pub(super) const DOCUMENT: &str = "document";
pub(super) const DOCUMENT_PART: &str = "document_part";
pub(super) const DOCUMENT_TEXT: &str = "document_text";
pub(super) const DOCUMENT_CHUNK: &str = "document_chunk";
pub(super) const DOCUMENT_VECTOR: &str = "document_vector";
/// The number of the last change among a user's documents.
pub(super) const DOCUMENT_CHANGE: &str = "document_change";
/// Files on their way in that there is room for: of a user, and of a chatbot.
pub(super) const DOCUMENT_ROOM: &str = "document_room";
/// What is said about a chatbot's documents as a whole: their version, and by which model questions are compared.
pub(super) const LIBRARY: &str = "library";
/// What the program keeps for itself.
pub(super) const NOTE: &str = "note";
/// What an administrator said about a user.
pub(super) const STANDING: &str = "standing";
/// Links for a new password.
pub(super) const PASSWORD_LINK: &str = "password_link";
/// What the models were asked for: a counter a day, user and model.
pub(super) const USAGE: &str = "usage";
/// Who did what.
pub(super) const AUDIT: &str = "audit";
/// Conversations that are being taken away: what is left of them is looked for again later.
pub(super) const DELETION: &str = "deletion";
/// What is said about the database itself: its schema's version, and the heartbeat.
pub(super) const META: &str = "meta";
