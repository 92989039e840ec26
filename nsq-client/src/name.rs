//! [`Topic`] and [`Channel`]: names that nsqd is known to accept. A wrong name in a command would cost
//! the connection, so names are checked before one exists.

use std::{fmt, str::FromStr, sync::Arc};

use crate::NameError;

const MAX_LENGTH: usize = 64;
const EPHEMERAL: &str = "#ephemeral";

/// NSQ's rule for both kinds of name.
fn is_valid(name: &str) -> bool {
    let stem = name.strip_suffix(EPHEMERAL).unwrap_or(name);
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    name.len() <= MAX_LENGTH && !stem.is_empty() && stem.bytes().all(allowed)
}

macro_rules! name {
    ($(#[$doc:meta])* $Name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $Name(Arc<str>);

        impl $Name {
            /// Checks the name by NSQ's rule: 1 to 64 of `[.a-zA-Z0-9_-]`, optionally ending in `#ephemeral`.
            pub fn new(name: &str) -> Result<Self, NameError> {
                if is_valid(name) { Ok(Self(name.into())) } else { Err(NameError(name.to_owned())) }
            }

            /// The name as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $Name {
            type Err = NameError;

            fn from_str(name: &str) -> Result<Self, NameError> {
                Self::new(name)
            }
        }

        impl fmt::Display for $Name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

name! {
    /// The name of a stream of messages. Every channel of a topic receives a copy of each message.
    Topic
}

name! {
    /// The name of a queue fed by a topic. Consumers of one channel share its messages.
    Channel
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_follow_the_rule_of_nsq() {
        let longest = "x".repeat(64);
        let longest_ephemeral = format!("{}#ephemeral", "x".repeat(54));
        for name in ["a", "images", "images.dead", "A_b-9", &longest, "ch#ephemeral", &longest_ephemeral] {
            assert_eq!(Topic::new(name).map(|topic| topic.to_string()), Ok(name.to_owned()));
        }

        let too_long = "x".repeat(65);
        let too_long_ephemeral = format!("{}#ephemeral", "x".repeat(55));
        for name in
            ["", "a b", "a\n", "ä", "a#b", "#ephemeral", "a#ephemeralx", &too_long, &too_long_ephemeral]
        {
            assert_eq!(name.parse::<Channel>(), Err(NameError(name.to_owned())));
        }
    }
}
