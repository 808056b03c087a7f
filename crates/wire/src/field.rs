//! What can be wrong with a field that somebody filled in. It does not travel: a problem says it in English, as its detail;
//! a page that shows the form again says it beside the field, in the language of its reader.

use std::fmt;

/// What is wrong with a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FieldFault {
    /// It must say something.
    Empty,
    /// It has several lines, or control characters.
    NotOneLine,
    /// It has more characters than these.
    TooLong(u32),
    /// It has more bytes than these.
    TooManyBytes(u32),
    /// It has fewer characters than these.
    TooShort(u32),
    /// It is no address for mail.
    NoEmail,
    /// It is not the password of who is signed in.
    NotYourPassword,
    /// It is no whole number.
    NoNumber,
    /// It is below the first or above the second.
    Outside(u32, u32),
    /// It is 0, where that would keep somebody out.
    Zero,
    /// There are more of them than this.
    TooMany(u32),
    /// It is not the address of the account that is to be deleted.
    OtherAddress,
}

impl fmt::Display for FieldFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("must not be empty"),
            Self::NotOneLine => f.write_str("must be one line without control characters"),
            Self::TooLong(most) => write!(f, "may have at most {most} characters"),
            Self::TooManyBytes(most) => write!(f, "may have at most {most} bytes"),
            Self::TooShort(least) => write!(f, "needs at least {least} characters"),
            Self::NoEmail => f.write_str("is not an e-mail address"),
            Self::NotYourPassword => f.write_str("This is not your password"),
            Self::NoNumber => f.write_str("must be a whole number, or empty"),
            Self::Outside(least, most) => write!(f, "must be from {least} to {most}"),
            Self::Zero => f.write_str("must be at least 1. To keep somebody out, lock the account"),
            Self::TooMany(most) => write!(f, "there may be at most {most}"),
            Self::OtherAddress => f.write_str(
                "is not the address of this account, which must be typed so that nobody is deleted by accident",
            ),
        }
    }
}
